-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY users_mail ON users (mail);

-- +goose Down
DROP INDEX CONCURRENTLY users_mail;
