-- words above
-- +migrate Up
CREATE TABLE users (id bigint PRIMARY KEY);
-- +migrate StatementBegin
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$
  -- one
  SELECT 1;
$$
-- +migrate StatementEnd
-- +migrate Down
DROP FUNCTION f();
DROP TABLE users;
-- +migrate Up
ALTER TABLE users ADD age int;
