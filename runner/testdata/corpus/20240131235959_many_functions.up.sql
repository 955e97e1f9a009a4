CREATE FUNCTION begin_end() RETURNS text LANGUAGE plpgsql AS $BODY$
BEGIN
  BEGIN
    PERFORM 1 / 0;
  EXCEPTION WHEN division_by_zero THEN
    RETURN 'caught; ' || $$it's$$;
  END;
END;
$BODY$;
CREATE FUNCTION commits() RETURNS void LANGUAGE plpgsql AS '
BEGIN
  -- COMMIT; ROLLBACK;
  EXECUTE ''SELECT 1;'';
END;
';
CREATE PROCEDURE with_commit(n int) LANGUAGE plpgsql AS $p$
BEGIN
  FOR i IN 1..n LOOP INSERT INTO public.dated VALUES (i); COMMIT; END LOOP;
END $p$;
CREATE FUNCTION tabular(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
  VALUES (1, 'a;'), (2, 'b');
  SELECT 3, 'c';
$$;
DO 'BEGIN PERFORM public.begin_end(); END';
DO LANGUAGE plpgsql $do$ << outer >> DECLARE x int := 1; BEGIN <<inner>> LOOP EXIT inner WHEN x > 3; x := x + 1; END LOOP; END $do$;
