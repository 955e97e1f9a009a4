-- The users.
-- +goose Up
CREATE TABLE users (id bigint PRIMARY KEY, mail text);
-- a comment that stays
INSERT INTO users VALUES (1, 'a'); INSERT INTO users VALUES (2, 'b');

-- +goose Down
DROP TABLE users;
