CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
  PERFORM 'it''s \ this';
  RETRUN 1;
END
$f$;
