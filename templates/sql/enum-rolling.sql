-- Purpose: rename, merge, remove or add values of an enum type while an old and a new program run, each with its own values
-- Parameters:
--   type: the enum type
--   values (optional): the values that are wanted, in order; default: those that are there, with the map applied
--   map (optional): what becomes of values that go, like todo=pending; a value that holds a comma or = stands in quotes
--   back (optional): which old value stands for a new one that none or several old ones become, like blocked=todo
--   schema (optional): the schema of the new program; default: app_v2
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: ACCESS EXCLUSIVE on each table for a moment, several times, and twice, at the switch and the contract, on all that have the type, together;
--   each is given up after 200 ms and tried again; the rows of one batch at a time.
-- Steps:
--   1. expand: the schema, the new type in it under the same name, and a second column, empty, beside each that has the type
--   2. fill: a trigger by which each of both columns follows the other, whichever is written; then the old rows in batches
--   3. index: the same indexes and CHECKs on the second columns, and a proof that both agree in every row
--   4. view: in the new schema a view of each table with the new column under the old name. Now deploy the new
--      program with search_path = app_v2, public: both run, and the old one can be deployed again
--   5. switch, when no old program is left: columns, indexes and types change names; the view goes on over the same column
--   6. contract, when no program has the schema in its search_path: views, schema, old columns and old type go
--   An old program reads and writes the old values at every moment until the switch, and a new one the new ones from the view on.
--   A view takes no COPY FROM, TRUNCATE, ON CONFLICT ON CONSTRAINT, nor MERGE before 17. INSERTs of the old program must name
--   their columns. Refused: arrays, views that read the column, NULL together with a default, and what enum-online refuses.
-- Example:
--   rung new task_pending --template enum --set type=status --set map=todo=pending --set strategy=rolling

-- == expand up ==
{{- define "follow both"}}
{{- template "begin follow" .}}
{{- range .Pairs}}
    IF TG_OP = 'INSERT' AND NEW.{{.To}} IS NULL
       OR TG_OP = 'UPDATE' AND NEW.{{.To}} IS NOT DISTINCT FROM OLD.{{.To}}
          AND (NEW.{{.From}} IS DISTINCT FROM OLD.{{.From}} OR NEW.{{.To}} IS NULL) THEN
        NEW.{{.To}} := {{indent 8 .Value}};
    ELSIF (TG_OP = 'INSERT' OR NEW.{{.To}} IS DISTINCT FROM OLD.{{.To}})
       AND {{indent 11 .Kept}} IS DISTINCT FROM NEW.{{.To}}::{{.Cast}} THEN
        NEW.{{.From}} := {{indent 8 .Back}};
    END IF;
{{- end}}
{{- template "end follow" .}}
{{- end}}
{{- define "view"}}CREATE VIEW {{.Name}}
{{- if .Invoker}}
  WITH (security_invoker = true)
{{- end}} AS
SELECT {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{.Column}}{{with .As}} AS {{.}}{{end}}{{end}}
  FROM {{.Of}};
{{- range .Columns}}
{{- if .Default}}
ALTER VIEW {{$.Name}}
    ALTER COLUMN {{.As}} SET DEFAULT {{.Default}};
{{- end}}
{{- end}}
{{- range .Grants}}
{{.}};
{{- end}}
{{- end}}
-- rung:no-transaction
{{- range .o.Tables}}
{{- .T.SeesAll}}
{{- end}}
{{- with .o.Misfits}}

-- A row whose value has no place stops this before anything has changed.
{{template "rows lack" .}}
{{- end}}
{{- with .o.Doubled}}

-- Nor must rows share a unique key, once their values are one.
{{.}}
{{- end}}

BEGIN;

CREATE SCHEMA {{.r.Schema}};
{{- with .r.Usage}}
{{range .}}
{{.}};
{{- end}}
{{- end}}

{{template "create enum" .o.CreateFresh}}
{{- with .o.Violations}}

-- A row that a CHECK would refuse with its new value stops this too, and takes
-- the new type along. Live writes would fail of it later.
{{.}}
{{end}}
COMMIT;

-- Without a default and NULL in every row: this touches no row. Only an
-- autovacuum waits for the first lock, and no reader or writer.
{{- range .o.Tables}}
BEGIN;

LOCK TABLE {{.T.As}}
        IN SHARE UPDATE EXCLUSIVE MODE;

{{template "add columns" $.o.AddFresh .}}
COMMIT;
{{end}}

-- == expand down ==
-- rung:no-transaction
{{- range .o.Tables}}

BEGIN;

LOCK TABLE {{.T.As}}
        IN SHARE UPDATE EXCLUSIVE MODE;

ALTER TABLE {{.T.As}}
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    DROP COLUMN IF EXISTS {{.Fresh}}
{{- end}};

COMMIT;
{{- end}}

DROP TYPE IF EXISTS {{.o.FreshType}};

DROP SCHEMA IF EXISTS {{.r.Schema}};

-- == fill up ==
{{- range .o.Tables}}
{{- .T.SeesAll}}

-- New and changed rows first, so that the batches below miss none.
BEGIN;

LOCK TABLE {{.T.As}}
        IN SHARE UPDATE EXCLUSIVE MODE;
{{template "follow both" $.r.Both .}}

COMMIT;

-- rung:batch key={{.Key}}
{{template "fill batch" $.o.Fill .}}
{{- end}}

-- == fill down ==
{{- range .o.Tables}}
{{- .T.SeesAll}}

-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

LOCK TABLE {{.T.As}}
        IN SHARE UPDATE EXCLUSIVE MODE;
{{- with $.o.Forward .}}

DROP TRIGGER IF EXISTS {{.Trigger}} ON {{.Table}};

DROP FUNCTION IF EXISTS {{.Function}}();
{{- end}}

COMMIT;

-- rung:batch key={{.Key}}
{{template "empty batch" .}}
{{- end}}

-- == index up ==
-- rung:no-transaction

{{template "prove second" .}}

-- == index down ==
-- rung:no-transaction
{{- template "unprove second" .}}

-- == view up ==
-- What the new program sees instead of the tables. Deploy it after this file, with the
-- search_path {{.r.Schema}}, {{ident (index .o.Tables 0).T.Schema}}; the old program goes on.
{{- range .o.Tables}}

{{template "view" ($.r.View .)}}
{{- end}}

-- == view down ==
-- For when no new program runs: it would read the tables, and the old values.
SET LOCAL lock_timeout = '200ms';

{{range .r.Views}}
DROP VIEW IF EXISTS {{.}};
{{- end}}

-- == switch up ==
BEGIN;

-- Only an autovacuum can block this lock, or wait for it. The next ones must come
-- within 200 ms, or rung retries all of it: that is less than deadlock_timeout, so it
-- is never a reader or writer that fails.
{{- template "ahead" .o.Locked}}
{{- with .o.DropViews}}

-- Views first: whoever reads one holds it while it waits for the tables.
{{.}}
{{- end}}

{{template "lock exclusive" .r.Views}}

-- Together, and short. No old program is left by now.
{{template "lock exclusive" .o.Locked}}
{{- range .o.Tables}}
{{template "unfollow" $.o.Forward .}}
{{- end}}
{{- with .o.Drop}}

{{.}}
{{- end}}

-- The valid CHECKs prove NOT NULL, without a scan here.
{{- template "settle" .o}}

{{- template "second columns take over" .}}
{{- with .o.RemakeForth}}

-- As before, with the new values.
{{.}}
{{- end}}

-- For the down migration the old column follows the new one.
{{- range .o.Tables}}
{{- template "follow" $.o.Backward .}}
{{end}}
{{- if .touch}}

-- Open sessions keep plans of these functions with the old type. Any change,
-- even to the same value, makes them plan anew.
{{- range .touch}}
{{.}};
{{- end}}
{{- end}}

COMMIT;
{{- with .o.Analyzed}}

-- New statistics are empty.
{{- range .}}
ANALYZE {{.}};
{{- end}}
{{- end}}

-- == switch down ==
{{- range .o.Tables}}
{{- .T.SeesAll}}
{{- end}}
{{- with .o.Homeless}}

-- A new value has no old one: such a row stops this before anything has changed.
{{template "rows lack" .}}
{{- end}}

BEGIN;
{{template "ahead" .o.Locked}}
{{- with .o.DropViews}}

{{.}}
{{- end}}

{{template "lock exclusive" .r.Views}}

{{template "lock exclusive" .o.Locked}}
{{- range .o.Tables}}
{{template "unfollow" $.o.Backward .}}
{{- end}}
{{- with .o.Drop}}

{{.}}
{{- end}}
{{- with .o.NoDefaults}}
{{template "set defaults" .}}
{{- end}}
{{template "first columns take over" .}}
{{- with .o.RemakeBack}}

{{.}}
{{- end}}
{{- range .o.Tables}}
{{template "follow both" $.r.Both .}}
{{end}}
{{- range .touch}}
{{.}};
{{- end}}

COMMIT;

-- Proved beside reads and writes, as it was before the switch.
{{- template "prove first" .}}
{{- with .o.Analyzed}}
{{range .}}
ANALYZE {{.}};
{{- end}}
{{- end}}

-- == contract up ==
-- Sessions do not show their search_path; what roles have for theirs is looked at.
DO $check$
DECLARE
    found text;
BEGIN
    SELECT string_agg(coalesce(r.rolname, 'all roles'), ', ')
      INTO found
      FROM pg_catalog.pg_db_role_setting AS s
      LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
     WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
       AND EXISTS (SELECT
                     FROM unnest(s.setconfig) AS c
                    WHERE c LIKE 'search_path=%'
                      AND c ~ {{literal .r.Pattern}});
    IF found IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = {{literal (print "the search_path of these still has " .r.Schema ": ")}} || found,
            HINT = 'ALTER ROLE … RESET search_path, or set it to what it was, and let the sessions end.';
    END IF;
END
$check$;

-- In one transaction: where something still uses the old type, nothing is dropped.
BEGIN;
{{template "ahead" .o.Locked}}

{{range .r.Views}}
DROP VIEW IF EXISTS {{.}};
{{- end}}

DROP SCHEMA {{.r.Schema}};

{{template "lock exclusive" .o.Locked}}
{{template "old columns go" .}}
COMMIT;

-- == contract down ==
-- rung:irreversible the old values went with their column
