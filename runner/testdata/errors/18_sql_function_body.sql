CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$
  SELECT 1;
  SELECT nothing
    FROM nowhere
$$;
