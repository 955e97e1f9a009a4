-- +migrate Up notransaction
CREATE INDEX CONCURRENTLY users_age ON users (age);
-- +migrate Down
DROP INDEX users_age;
