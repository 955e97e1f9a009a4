-- Purpose: add a foreign key without a scan under a lock that stops writes
-- Parameters:
--   table: the table that refers
--   columns: its column, or a list of columns
--   references: the table that is referred to
--   to (optional): that table's columns; default: its primary key; required with --offline
--   on_delete (optional): cascade, set null, set default, restrict, or no action
--   on_update (optional): the same for updates
--   constraint (optional): its name; by default as PostgreSQL would name it
-- Locks: SHARE ROW EXCLUSIVE on both tables for a moment, which stops writes, the one that is referred to
--   first; if another session blocks it for more than 200 ms, rung retries; the
--   scan holds SHARE UPDATE EXCLUSIVE on the one and ROW SHARE on the other, which
--   let reads and writes through.
-- Steps:
--   1. name the rows that refer to nothing, and stop if there are any
--   2. FOREIGN KEY … NOT VALID: new and changed rows are tested from here on
--   3. VALIDATE: the scan
-- Example:
--   rung new orders_user_id_fkey --template add-foreign-key --set table=orders --set columns=user_id --set references=users

-- == up ==
{{- define "both"}}
{{- if .locks}}
-- Together with it the table that is referred to, and that one first, as programs
-- write both. Sooner than PostgreSQL looks for a deadlock: no program fails of one.
-- PostgreSQL cancels an autovacuum for the first lock.
SET LOCAL lock_timeout = '5s';

LOCK TABLE {{.parent.As}}, {{.t.As}} IN SHARE UPDATE EXCLUSIVE MODE;

SET LOCAL lock_timeout = '200ms';

LOCK TABLE {{.parent.As}} IN {{.mode}} MODE;
{{end}}
{{- end}}
-- rung:no-transaction
{{.t.SeesAll}}
{{- if .other}}
{{- .parent.SeesAllOf}}
{{- end}}
-- Rows that do not fit are named before anything is changed.
{{template "stuck"}} {{.t.Row "c"}} AS example
              FROM {{.t.Own}} AS c
             WHERE {{.set}}
               AND NOT EXISTS (SELECT FROM {{.parent.Own}} AS p WHERE {{.on}})) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " rows of " .t.As " refer to no row of " .parent.As)}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Delete them, set them to NULL, or add what they refer to.';
{{template "end of stuck"}}

-- New and changed rows are tested from here on; old ones are not looked at yet.
BEGIN;
{{template "both" .up}}
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .name}}
    FOREIGN KEY ({{idents .from}})
    REFERENCES {{.parent.As}} ({{idents .into}})
{{- if .delete}}
    ON DELETE {{.delete}}
{{- end}}
{{- if .update}}
    ON UPDATE {{.update}}
{{- end}}
    NOT VALID;

COMMIT;

-- This is the scan.
ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .name}};

-- == down ==
-- An up file that stopped because rows do not fit has left no constraint.
SET LOCAL client_min_messages = warning;
{{template "both" .down}}
ALTER TABLE {{.t.As}}
    DROP CONSTRAINT IF EXISTS {{ident .name}};
