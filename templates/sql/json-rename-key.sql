-- Purpose: rename a key in JSON documents, nested ones and arrays of objects too
-- Parameters:
--   table: the table
--   column: the jsonb column
--   path: the way to the key, like notifications.mail, or items[].colour for all objects of an array
--   to: the key's new name
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   key (optional): the one or two columns over which the batches run; default: the primary key; required with --offline
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, SHARE ROW EXCLUSIVE, which lets reads through, while all rows are
--   changed; a table of more than 10 MB is refused. online: the rows of one batch at a time.
-- Steps:
--   1. list the documents that have both keys: they are skipped
--   2. rename in batches; a side table notes which documents had the new key before, so that the down migration leaves those alone
--   Run while the application reads both keys; what writes the old one must be gone.
-- Example:
--   rung new settings_email --template json-rename-key --set table=users --set column=settings --set path=notifications.mail --set to=email

-- == up ==
{{- .t.SeesAll}}
{{- define "rename"}}
{{- if .array}}jsonb_set({{.doc}}, {{.parent}}, (
            SELECT jsonb_agg(CASE WHEN e ? {{literal .old}} AND jsonb_typeof(e) = 'object'
                                  THEN e - {{literal .old}} || jsonb_build_object({{literal .new}}, e -> {{literal .old}})
                                  ELSE e END ORDER BY n)
              FROM jsonb_array_elements({{.doc}} #> {{.parent}}) WITH ORDINALITY AS x (e, n)))
{{- else}}jsonb_set({{.doc}} #- {{.old_path}}, {{.new_path}}, {{.doc}} #> {{.old_path}})
{{- end}}{{end}}
{{- define "both"}}
-- Documents with both keys keep both: which one counts, only a person can tell.
{{template "stuck"}} {{.t.Row ""}} AS example
              FROM {{.t.As}}
             WHERE {{indent 15 .both}}) AS stuck;
    IF many > 0 THEN
        RAISE WARNING USING
            MESSAGE = many || {{literal (print " documents in " .t.As "." (ident .column) " have both keys, and are left as they are")}},
            DETAIL = 'For example: ' || examples;
{{template "end of stuck"}}{{end}}
{{template "both" .}}

-- Which documents have the new key already, all of them before the first one is
-- renamed: the down migration may begin where this has stopped. A later migration may drop it.
BEGIN;
{{define "side"}}
CREATE TABLE {{.if_not}}{{.side}} AS
SELECT {{.t.KeyList}}
  FROM {{.t.As}}
 WHERE {{indent 3 .back.has}};
{{end}}
{{- template "side" .}}
ALTER TABLE {{.side}}
    ADD PRIMARY KEY ({{.t.KeyList}});

COMMIT;

-- The first statement locks the rows, so that nobody changes them in between.
-- rung:batch key={{.key}}
{{template "lock batch" .t}}
INSERT INTO {{.side}}
SELECT {{.t.KeyList}}
  FROM {{.t.As}}
 WHERE {{.t.InBatch ""}}
   AND {{indent 3 .back.has}}
    ON CONFLICT DO NOTHING;
UPDATE {{.t.As}}
   SET {{ident .column}} = {{template "rename" .forth}}
 WHERE {{.t.InBatch ""}}
   AND {{indent 3 .forth.has}}
   AND NOT EXISTS (SELECT FROM {{.side}} AS {{.noted}} WHERE {{.t.On .noted .t.As}});
-- rung:end

-- == down ==
{{- .t.SeesAll}}
-- An up file that stopped before it noted which ones had the new key has renamed none.
BEGIN;

SET LOCAL client_min_messages = warning;
{{template "side" .again}}
COMMIT;

-- All but those that had the new key before.
-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{template "rename" .back}}
 WHERE {{.t.InBatch ""}}
   AND {{indent 3 .back.alone}}
   AND NOT EXISTS (SELECT FROM {{.side}} AS {{.noted}} WHERE {{.t.On .noted .t.As}});

DROP TABLE {{.side}};
