SELECT 1;

DO LANGUAGE plpgsql $do$
BEGIN
  PERFORM 1;
  RAISE EXCEPTION 'not like this';
END
$do$;
