CREATE OR REPLACE FUNCTION touch() RETURNS trigger AS $$
DECLARE
    -- ; a semicolon, and a ' quote
    q text := $q$ it's; $q$;
BEGIN
    IF NEW.name IS NULL THEN
        NEW.name := 'x' || $n$;$n$ || q;
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER users_touch BEFORE INSERT OR UPDATE OF name ON users
    FOR EACH ROW WHEN (NEW.name IS DISTINCT FROM 'keep;') EXECUTE FUNCTION touch();

DO $outer$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT unnest(ARRAY['a', 'b;c', 'd''e']) AS s LOOP
        EXECUTE format($inner$
            CREATE FUNCTION %I() RETURNS text LANGUAGE sql IMMUTABLE AS $body$ SELECT %L::text; $body$
        $inner$, 'f_' || r.s, r.s);
    END LOOP;
END
$outer$;

CREATE FUNCTION "odd;name"("a;b" int, OUT "c'd" int) LANGUAGE plpgsql AS 'BEGIN "c''d" := "a;b" + 1; END;';
