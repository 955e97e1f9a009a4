SELECT 1;
DO $$
DECLARE
  n int;
BEGIN
  SELECT count(*) INTO n
    FROM nowhere;
END
$$;
