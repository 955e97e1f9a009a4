-- a first migration
CREATE TABLE users (
    id   bigint PRIMARY KEY,
    name text NOT NULL DEFAULT 'a;b'
);

/* and an index */ CREATE INDEX users_name ON "Users" (lower(name));
SELECT 1; SELECT 2 -- no semicolon
