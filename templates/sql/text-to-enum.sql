-- Purpose: turn a column of text into one of an enum type
-- Parameters:
--   table: the table
--   column: the column
--   type: the enum type, a new one or one that is there
--   values (optional): the values of a new enum type, in order; default: the texts that rows have, with the map applied
--   map (optional): what becomes of texts that are not an enum value, like Done=done,''=todo
-- Locks: ACCESS EXCLUSIVE on the table and on what depends on the column until the whole file has committed; it is rewritten once.
-- Steps:
--   1. Make the type; lock the table, and stop where rows have texts that are not an enum value, or would share a unique key
--   2. Drop the CHECKs of the column, whose place the type takes, and what else depends on the column
--   3. Rewrite the table once
--   4. Create again what was dropped, with enum values where a text is compared with the column. What does not fit the type is refused before.
--   Enum values sort in the order of the type. What compares texts by min(), max() or the like is refused where that makes another
--   order; a view that sorts its rows by them is named.
--   If several texts become one enum value, a side table keeps which row had which for the down migration.
-- Example:
--   rung new task_status_type --template text-to-enum --set table=tasks --set column=status --set type=status --set values=todo,in_progress,done

-- == up ==
{{- if .made}}
CREATE TYPE {{.e.Full}} AS ENUM (
{{- range $i, $l := .values}}{{if $i}},{{end}}
    {{enumvalue $l}}
{{- end}}
);
{{- end}}

{{template "lock together" .lock}}

-- A row whose text is not an enum value stops this before anything has changed.
DO {{.quote}}
#variable_conflict use_column
DECLARE
    found text;
BEGIN
    SELECT string_agg(format('%s rows have %L', n, value), '; ' ORDER BY value)
      INTO found
      FROM (SELECT {{.col.Column}}::text AS value, count(*) AS n
              FROM {{.table}}
             WHERE {{.col.Column}}::text NOT IN ({{enumvalues .known}})
             GROUP BY 1
             ORDER BY 2 DESC
             LIMIT 20) AS counts;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'texts that are not an enum value: %', found
              USING HINT = 'Fix these rows first. Nothing has been changed.';
    END IF;
END
{{.quote}};
{{- if .doubled}}

-- Nor must rows share a unique key, once their texts are one enum value.
{{.doubled}}
{{- end}}
{{- if .side}}

-- Which row had which of the texts that become one enum value: the down migration needs it.
-- Drop it in a later migration, once this one need not be reverted.
{{- template "keep values" .side}}
{{- end}}
{{- if .col.Checks}}

-- The type takes the place of these.
{{- range .col.Checks}}
ALTER TABLE {{$.table}}
    DROP CONSTRAINT {{.From}};
{{- end}}
{{- end}}

{{- if .drop}}

-- These depend on the column, and are created again below.
{{.drop}}
{{- end}}

ALTER TABLE {{.table}}
{{- if .default}}
    ALTER COLUMN {{.col.Column}} DROP DEFAULT,
{{- end}}
    ALTER COLUMN {{.col.Column}} TYPE {{.e.Full}}
        USING {{.using}}
{{- if .default}},
    ALTER COLUMN {{.col.Column}} SET DEFAULT {{.new_default}}
{{- end}};
{{- if .make}}

-- As before, with enum values where texts were.
{{.make}}
{{- end}}

-- The rewritten column has no statistics.
ANALYZE {{.table}};

-- == down ==
{{- if .lost}}
-- rung:irreversible several texts became one enum value, and without a key nothing keeps which row had which
{{- else}}
{{template "lock together" .lock}}
{{- if .drop}}

{{.drop}}
{{- end}}

ALTER TABLE {{.table}}
{{- if .default}}
    ALTER COLUMN {{.col.Column}} DROP DEFAULT,
{{- end}}
    ALTER COLUMN {{.col.Column}} TYPE {{.col.Back}}
        USING {{.back}}
{{- if .default}},
    ALTER COLUMN {{.col.Column}} SET DEFAULT {{.default}}
{{- end}};
{{- if .side}}

-- Rows whose texts were merged get theirs back.
{{- template "restore values" .side}}
{{- end}}
{{- range .col.Checks}}

ALTER TABLE {{$.table}}
    ADD CONSTRAINT {{.From}} {{.To}};
{{- end}}
{{- if .col.Dress}}

{{.col.Dress}}
{{- end}}
{{- if .again}}

{{.again}}
{{- end}}
{{- if .side}}
{{template "drop kept" .side}}
{{- end}}
{{- if .made}}

DROP TYPE {{.e.Full}};
{{- end}}

ANALYZE {{.table}};
{{- end}}
