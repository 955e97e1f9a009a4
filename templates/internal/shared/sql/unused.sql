{{define "unused"}}-- DROP COLUMN takes along in silence what is of the column alone, like an index over
-- two columns, and the catalog knows nothing of what functions read: so both are
-- looked for, and named.
DO $check$
DECLARE
    found text;
BEGIN
    SELECT string_agg(DISTINCT what, '; ' ORDER BY what)
      INTO found
      FROM (SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS what
              FROM pg_catalog.pg_depend AS d
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
              LEFT JOIN pg_catalog.pg_class AS i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.oid = d.objid AND i.relkind IN ('i', 'I')
              LEFT JOIN pg_catalog.pg_trigger AS t ON d.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.objid
              LEFT JOIN pg_catalog.pg_constraint AS n ON d.classid = 'pg_catalog.pg_constraint'::regclass AND n.oid = d.objid
             WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
{{- if .Partitioned}}
               AND d.refobjid IN (SELECT relid FROM pg_catalog.pg_partition_tree({{literal .Full}}::regclass))
{{- else}}
               AND d.refobjid = {{literal .Full}}::regclass
{{- end}}
               AND a.attname IN ({{list .Columns}})
               AND NOT EXISTS (SELECT
                                 FROM pg_catalog.pg_attrdef AS own
                                WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND own.oid = d.objid AND own.adnum = d.refobjsubid)
               AND coalesce(n.contype <> 'n', true)
{{- if .Indexes}}
               AND coalesce(coalesce(i.relname, CASE WHEN n.contype IN ('p', 'u') THEN n.conname END) NOT IN ({{list .Indexes}}), true)
{{- end}}
{{- if .Triggers}}
               AND coalesce(t.tgname NOT IN ({{list .Triggers}}), true)
{{- end}}
             UNION ALL
            SELECT 'function ' || p.oid::regprocedure
              FROM pg_catalog.pg_proc AS p
              JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
               AND p.prosrc ~ {{literal .Pattern}}
{{- range .Functions}}
               AND p.oid IS DISTINCT FROM to_regprocedure({{literal (print . "()")}})
{{- end}}) AS uses;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = {{literal (print .Names " is still used by: ")}} || found,
            HINT = 'Change or drop these first; nothing is dropped with CASCADE.';
    END IF;
END
$check$;
{{end}}
