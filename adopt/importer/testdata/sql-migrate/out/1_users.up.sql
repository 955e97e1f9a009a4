-- words above
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$
  -- one
  SELECT 1;
$$;
ALTER TABLE users ADD age int;
