-- +goose ENVSUB ON
-- +goose Up
UPDATE users SET mail = lower(mail);
-- +goose ENVSUB OFF
SELECT '$HOME';
-- +goose Down
-- nothing to do
