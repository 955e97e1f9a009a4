-- == up ==
{{- if .free}}
-- rung:no-transaction

-- No row is read or written, whatever the size of {{.t.As}}.
BEGIN;
{{if .utc}}
SET LOCAL TimeZone = 'UTC';
{{- end}}
{{template "lock together" .lock}}
{{- with .drop}}

{{.}}
{{- end}}
{{- range .checks}}

-- Tested again below, without a lock that stops anybody.
ALTER TABLE {{.Table}}
    DROP CONSTRAINT {{.Name}};
{{- end}}
{{- if not .t.Partitioned}}

SELECT set_config('rung.file', pg_relation_filenode({{literal .t.As}})::text, true);
{{- end}}

{{.alter}}
{{- range .checks}}

ALTER TABLE {{.Table}}
    ADD CONSTRAINT {{.Name}} {{.Def}} NOT VALID;
{{.Said}}
{{- end}}
{{- if not .t.Partitioned}}

-- The proof: a table that is written anew has another file.
DO $check$ BEGIN
    IF pg_relation_filenode({{literal .t.As}})::text <> current_setting('rung.file') THEN
        RAISE EXCEPTION 'this would rewrite the table';
    END IF;
END $check$;
{{- end}}
{{- with .make}}

{{.}}
{{- end}}

COMMIT;
{{- range .checks}}

ALTER TABLE {{.Table}}
    VALIDATE CONSTRAINT {{.Name}};
{{- end}}

-- A column of another type has no statistics.
ANALYZE {{.t.As}} ({{.name}});
{{- else}}
{{- template "small" .small}}
{{- if .utc}}
SET LOCAL TimeZone = 'UTC';
{{- end}}
{{- if not .exact}}
{{- if .t.Key}}

-- The values that the down migration could not restore from the new ones.
CREATE TABLE {{.kept}} AS
SELECT {{.t.KeyList}}, {{.name}} AS was, {{.there_and_back}} AS comes_back
  FROM {{.t.As}}
 WHERE ({{.there_and_back}}){{.as_text}} IS DISTINCT FROM {{.name}}{{.as_text}};
{{- else}}

DO $check$ BEGIN
    IF EXISTS (SELECT FROM {{.t.As}} WHERE ({{.there_and_back}}){{.as_text}} IS DISTINCT FROM {{.name}}{{.as_text}}) THEN
        RAISE EXCEPTION {{literal (print "values of " .name " do not convert back exactly, and the table has no key to keep them by")}};
    END IF;
END $check$;
{{- end}}
{{- end}}
{{- with .drop}}

{{.}}
{{- end}}

{{.alter}}
{{- with .make}}

{{.}}
{{- end}}

-- The rewritten column has no statistics.
ANALYZE {{.t.As}} ({{.name}});
{{- end}}

-- == down ==
{{- if .free}}
-- {{.t.As}} is rewritten, unless the old type takes all that the new one does.
{{template "lock together" .lock}}

DO $check$ BEGIN
    IF {{.small.Bytes}} > 512 * 1024 * 1024 THEN
        RAISE EXCEPTION 'the table is too big to be rewritten under a lock'
            USING HINT = {{literal (print "Write --template change-type --set type=" .old_type " --set way=online, or take this look out.")}};
    END IF;
END $check$;
{{- if .t.Key}}
{{template "fits" index .fits 0}}
{{- end}}
{{- else}}
{{- template "small" .small}}
{{- end}}
{{- if .utc}}
SET LOCAL TimeZone = 'UTC';
{{- end}}
{{- with .drop}}

{{.}}
{{- end}}

{{.back}}
{{- if and (not .exact) .t.Key}}

UPDATE {{.t.As}} AS t
   SET {{.name}} = k.was
  FROM {{.kept}} AS k
 WHERE {{.t.On "t" "k"}}
   AND t.{{.name}}{{.as_text}} IS NOT DISTINCT FROM k.comes_back{{.as_text}};

DROP TABLE {{.kept}};
{{- end}}
{{- with .make}}

{{.}}
{{- end}}

ANALYZE {{.t.As}} ({{.name}});
