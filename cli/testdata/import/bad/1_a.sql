-- +goose Up
-- +goose ENVSUB ON
GRANT SELECT ON users TO ${READER};
