-- Purpose: drop what another template has left for the down migration, once nothing needs it any more
-- Parameters:
--   of: the version of a migration that soft-delete, json-split or list-to-table wrote, or one that keeps a side table, as a merge of enum values does
--   drop (optional): of json-split: keys takes them out of the documents, column drops the documents; default: keys
--   stale (optional): of json-split: true also drops keys that say something else than their columns
-- Locks: ACCESS EXCLUSIVE on the table for a moment, which is retried after 200 ms; the rows
--   of one batch at a time where keys are taken out of documents.
-- Steps:
--   1. prove what must hold: both sides say the same in every row, nobody has written the old one since,
--      and no view, index, constraint, trigger or function uses it; what does is named, and nothing is dropped then
--   2. drop the triggers, their function, the old column and the side tables, without CASCADE
--   Programs are not seen: that none reads or writes the old column is for you to know. Keys that
--   were taken out of documents come back from their columns, and null as absent; all else that a contract drops is gone, and its down is
--   irreversible. change-type, enum-online, enum-retire and bigint-key write their contract themselves.
-- Example:
--   rung new users_deleted_at_contract --template contract --set of=12

-- == up ==
{{- if eq .origin "soft-delete"}}
{{- .t.SeesAll}}
-- In one step: where one of the looks says no, none counts as done.
BEGIN;

{{template "unused" .gone}}

-- The triggers keep both right, but for what they did not see.
{{template "stuck"}} {{.t.Row ""}} AS example
              FROM {{.t.As}}
             WHERE {{ident .flag}} <> ({{ident .column}} IS NOT NULL)) AS differ;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " rows of " .t.As " differ in " (ident .flag) " and " (ident .column))}},
            DETAIL = 'For example: ' || examples,
            HINT = {{literal (print "Fix them: " (ident .flag) " is what stays.")}};
{{template "end of stuck"}}

COMMIT;

-- Both triggers first: each names the column.
{{.drop}}
{{- end}}
{{- if eq .origin "json-split"}}
{{- .t.SeesAll}}
{{- if .whole}}

-- In one step: where one of the looks says no, none counts as done.
BEGIN;
{{- end}}
{{- if not .stale}}

-- The columns count. Where a key says something else, a program may still write it.
{{template "stuck"}} {{.t.Row ""}} || ': ' || left({{ident .column}}::text, 60) AS example
              FROM {{.t.As}}
             WHERE {{.differs}}) AS differ;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " documents in " .t.As "." (ident .column) " say something else than their columns")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'If no program writes the keys any more, they are stale: write this with --set stale=true.';
{{template "end of stuck"}}
{{- end}}
{{- if .whole}}

-- Nothing else may be in the documents.
{{template "stuck"}} {{.t.Row ""}} || ': ' || left(({{.without}})::text, 60) AS example
              FROM {{.t.As}}
             WHERE {{ident .column}} IS NOT NULL
               AND {{ident .column}} <> 'null'
               AND {{.without}} <> '{}') AS others;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " documents in " .t.As "." (ident .column) " have other keys too")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Write this with --set drop=keys, or take the others to columns first.';
{{template "end of stuck"}}

{{template "unused" .gone}}

COMMIT;

{{.drop}}
{{- else}}

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{.without}}
 WHERE {{.t.InBatch ""}}
   AND ({{.has}});

-- A key that is there again was written meanwhile.
{{template "stuck"}} {{.t.Row ""}} || ': ' || left({{ident .column}}::text, 60) AS example
              FROM {{.t.As}}
             WHERE {{.has}}) AS again;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " documents in " .t.As "." (ident .column) " have the keys again")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'A program still writes them: change it, and take these out.';
{{template "end of stuck"}}
{{- end}}
{{- end}}
{{- if eq .origin "list-to-table"}}
{{- .t.SeesAll}}
-- In one step: where one of the looks says no, none counts as done.
BEGIN;

{{template "unused" .gone}}
{{- if .note}}

-- A list that was written after the tables became what counts, and says something
-- else than they do, would be lost.
{{template "stuck"}} {{.t.Row "p"}} || ': ' || left(p.{{ident .column}}::text, 60) AS example
              FROM {{.t.As}} AS p
              JOIN {{.note}} AS n ON {{.noted}}
             CROSS JOIN LATERAL (SELECT ARRAY(SELECT {{.word}}
                                                FROM {{.link_table}} AS k
                                                JOIN {{.values_table}} AS w ON w.{{.value_key}} = k.{{ident .value_id}}
                                               WHERE {{.p_links}}
                                               ORDER BY k.position)) AS said (now)
             WHERE n.said = said.now
               AND said.now <> ARRAY(SELECT {{.item}}
                                       FROM {{.items}} WITH ORDINALITY AS u (item, n)
                                      WHERE {{.item}} <> ''
                                      GROUP BY {{.item}}
                                      ORDER BY min(n))) AS written;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " lists in " .t.As "." (ident .column) " were written last, and the tables do not have them")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'A program still writes the column. Change it, and bring what it wrote into the tables.';
{{template "end of stuck"}}
{{- end}}

COMMIT;

{{.drop}}
{{- end}}
{{- if eq .origin "kept"}}
-- Without CASCADE: did anything use a table, this would fail.
{{.drop}}
{{- end}}

-- == down ==
{{- if eq .origin "soft-delete"}}
-- rung:irreversible the times went with the column
{{- end}}
{{- if eq .origin "list-to-table"}}
-- rung:irreversible spacing and doubles of the lists went with the column
{{- end}}
{{- if eq .origin "kept"}}
-- rung:irreversible what rows had before version {{.of}} is not kept any longer
{{- end}}
{{- if eq .origin "json-split"}}
{{- if .whole}}
-- rung:irreversible the documents went with their column
{{- else}}
{{- .t.SeesAll}}

-- The columns have what the keys said. A key that was null is absent now.
{{- range .keys}}
-- rung:batch key={{$.key}}
UPDATE {{$.t.As}}
   SET {{ident $.column}} = {{indent 7 (.Back (ident $.column) (ident .Column))}}
 WHERE {{$.t.InBatch ""}}
   AND {{$.takes_keys}}
   AND {{ident .Column}} IS NOT NULL;
{{end}}
{{- end}}
{{- end}}
