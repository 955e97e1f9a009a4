-- What another role's rung has made, such as a superuser's, is the owner's of the rest.
DO $rung$
DECLARE
  made pg_catalog.text;
  its  pg_catalog.name := (SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = :'migrations'::pg_catalog.regclass);
BEGIN
  FOR made IN SELECT pg_catalog.format('%I.%I', :'schema_name', relname)
                FROM pg_catalog.pg_class
               WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = :'schema_name')
                 AND relname = ANY (:'history_tables') AND pg_catalog.pg_get_userbyid(relowner) <> its
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %I', made, its);
  END LOOP;
END
$rung$;
