CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;
DO $tag$ $$; $tagx$ $tag ; $$ $tag$;
SELECT $é1$ ; $é1$, a$b$, c$$; SELECT 1$$;$$, $1, $2$a$;$a$;
PREPARE p AS SELECT $1;
SELECT $; SELECT $a;
SELECT $a$ $b$a$; ;$b$;$b$;
