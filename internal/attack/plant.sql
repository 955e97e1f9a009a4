-- Everything that PostgreSQL has in pg_catalog is planted once more under the same
-- name and for the same types, in a schema that comes first: whatever rung would
-- leave to the search_path means one of these. Each says so in the server's log,
-- which no rollback undoes, and raises. Nothing in here but qualified names,
-- so that none calls another.
SET search_path = pg_catalog;
CREATE ROLE attacker;
CREATE SCHEMA evil AUTHORIZATION attacker;
SET ROLE attacker;
CREATE FUNCTION evil.planted(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE LOG 'planted: %', what;
  RAISE EXCEPTION 'planted: %', what;
END
$$;
GRANT USAGE ON SCHEMA evil TO PUBLIC;

CREATE FUNCTION pg_temp.plant(sql text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  RETURN 1;
EXCEPTION WHEN OTHERS THEN
  RETURN 0; -- "any", internal and cstring are for C alone
END
$$;

-- Functions.
SELECT pg_temp.plant(format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', p.proname, a.args,
         CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || p.prorettype::regtype,
         format('BEGIN PERFORM evil.planted(%L); END', 'function ' || p.oid::regprocedure)))
  FROM pg_proc AS p
 CROSS JOIN LATERAL (SELECT string_agg(CASE WHEN p.provariadic <> 0 AND o = p.pronargs THEN 'VARIADIC ' ELSE '' END || t::regtype, ', ' ORDER BY o)
                       FROM unnest(p.proargtypes) WITH ORDINALITY AS u (t, o)) AS x (list)
 CROSS JOIN LATERAL (SELECT coalesce(x.list, '')) AS a (args)
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f';

-- Aggregates.
SELECT pg_temp.plant(format('CREATE FUNCTION evil.step(%s) RETURNS text LANGUAGE plpgsql AS %L', concat_ws(', ', 'text', a.args), 'BEGIN PERFORM evil.planted(''an aggregate''); END')),
       pg_temp.plant(format('CREATE AGGREGATE evil.%I(%s) (SFUNC = evil.step, STYPE = text, INITCOND = '''')', p.proname, coalesce(a.args, '*')))
  FROM pg_proc AS p
 CROSS JOIN LATERAL (SELECT string_agg(t::regtype::text, ', ' ORDER BY o) FROM unnest(p.proargtypes) WITH ORDINALITY AS u (t, o)) AS a (args)
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'a';

-- Operators.
SELECT pg_temp.plant(format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', 'operator_' || o.oid,
         concat_ws(', ', nullif(o.oprleft, 0)::regtype, o.oprright::regtype), o.oprresult::regtype,
         format('BEGIN PERFORM evil.planted(%L); END', 'operator ' || o.oid::regoperator))),
       pg_temp.plant(format('CREATE OPERATOR evil.%s (FUNCTION = evil.%I, RIGHTARG = %s%s)', o.oprname, 'operator_' || o.oid, o.oprright::regtype,
         CASE WHEN o.oprleft <> 0 THEN ', LEFTARG = ' || o.oprleft::regtype ELSE '' END))
  FROM pg_operator AS o
 WHERE o.oprnamespace = 'pg_catalog'::regnamespace;

-- Operators between types that pg_catalog has none for, and which match better
-- than its own where it comes first, as it does unless somebody says otherwise.
SELECT pg_temp.plant(format('CREATE FUNCTION evil.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', 'mixed_' || md5(concat(op, l, r)), l, r, result,
         format('BEGIN PERFORM evil.planted(%L); END', format('operator %s(%s,%s)', op, l, r)))),
       pg_temp.plant(format('CREATE OPERATOR evil.%s (FUNCTION = evil.%I, LEFTARG = %s, RIGHTARG = %s)', op, 'mixed_' || md5(concat(op, l, r)), l, r))
  FROM (VALUES ('=', 'boolean'), ('<>', 'boolean'), ('<', 'boolean'), ('>', 'boolean'), ('<=', 'boolean'), ('>=', 'boolean'), ('~', 'boolean'),
               ('+', 'numeric'), ('-', 'numeric'), ('*', 'numeric'), ('/', 'numeric'), ('||', 'text')) AS o (op, result)
 CROSS JOIN unnest('{smallint,integer,bigint,numeric,double precision,oid,regclass,name,text,varchar,"char",timestamptz,interval,boolean}'::text[]) AS l
 CROSS JOIN unnest('{smallint,integer,bigint,numeric,double precision,oid,regclass,name,text,varchar,"char",timestamptz,interval,boolean}'::text[]) AS r
 WHERE NOT EXISTS (SELECT FROM pg_operator WHERE oprname = op AND oprleft = l::regtype AND oprright = r::regtype);

-- Types, and their arrays with them.
SELECT pg_temp.plant(format('CREATE DOMAIN evil.%I AS pg_catalog.%I CHECK (evil.planted(%L))', typname, typname, 'type ' || typname))
  FROM pg_type
 WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm') AND left(typname, 1) <> '_';

-- Relations.
SELECT pg_temp.plant(format('CREATE VIEW evil.%I AS SELECT c.* FROM pg_catalog.%I AS c WHERE evil.planted(%L)', relname, relname, 'relation ' || relname))
  FROM pg_class
 WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v');
RESET ROLE;
