-- Purpose: remove, merge, add or reorder values of an enum type on a big table, without a long lock
-- Parameters:
--   type: the enum type
--   values (optional): the wanted enum values, in order; default: the existing ones, with the map applied
--   map (optional): what becomes of values that go, like todo=pending,done=complete; quote a value that contains a comma or =
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: ACCESS EXCLUSIVE on each table for a moment, several times, and twice, at the switch and the contract, on all that have the type, together;
--   the rows of one batch at a time; indexes are built, and constraints proved, beside reads and writes.
-- Steps:
--   1. expand: the new type under another name, and a second column, empty, beside each that has the type
--   2. fill: a trigger keeps the second column in line with the first; then the old rows in batches
--   3. index: the same indexes and CHECKs on it; a proof of NOT NULL, and that both columns agree in every row
--   4. switch: types, columns and indexes swap names, and views, policies and triggers are created again, in one
--      short transaction; from here on the old column follows the new one
--   5. contract: drop the old column, and the old type without CASCADE, which proves that nothing was missed
--   - The values change at the switch: deploy code that takes both before it.
--   - Prepared statements that read or write a column of the type fail at every call after the switch (cached plan
--     must not change result type, or cache lookup failed for type) until they are prepared again: recycle the
--     connection pools right after it.
--   - From the build of a unique index, the last step of 3, to the switch an INSERT … ON CONFLICT … DO UPDATE can
--     fail at it (23505): apply both soon.
--   - The column becomes the last of its table, and until the contract there are two, so INSERTs must name their
--     columns. A subscriber of the table needs the second column too.
--   - The batches fire the table's own UPDATE triggers.
--   - If another session blocks the switch for more than 200 ms, rung retries.
--   - Refused: partitioned and inherited tables, materialized views, generated columns, primary and foreign keys and
--     exclusion constraints with the type. For those see enum-swap.
-- Example:
--   rung new drop_cancelled --template enum-online --set type=status --set map=cancelled=done

-- == expand up ==
-- rung:no-transaction
{{- range .o.Tables}}
{{- .T.SeesAll}}
{{- end}}
{{- with .o.Misfits}}

-- A row whose value the new type lacks stops this before anything has changed.
{{template "rows lack" .}}
{{- end}}
{{- with .o.Doubled}}

-- Nor must rows share a unique key, once their values are one.
{{.}}
{{- end}}

BEGIN;

{{template "create enum" .o.CreateFresh}}
{{- with .o.Violations}}

-- A row that a CHECK would refuse with its new value stops this too, and takes
-- the new type along. Live writes would fail of it later.
{{.}}
{{end}}
COMMIT;

-- Without a default and NULL in every row: this touches no row. PostgreSQL cancels
-- an autovacuum for the first lock, and no reader or writer waits for it.
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

-- == fill up ==
{{- range .o.Tables}}
{{- .T.SeesAll}}

-- New and changed rows first, so that the batches below miss none.
BEGIN;

LOCK TABLE {{.T.As}}
        IN SHARE UPDATE EXCLUSIVE MODE;
{{template "follow" $.o.Forward .}}

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

-- Together, and short. A session that waits for this continues with the new values.
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
{{template "follow" $.o.Forward .}}
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
-- In one transaction: where something still uses the old type, nothing is dropped.
BEGIN;
{{template "ahead" .o.Locked}}

{{template "lock exclusive" .o.Locked}}
{{template "old columns go" .}}
COMMIT;

-- == contract down ==
{{- if .o.Merged}}
-- rung:irreversible values became one, and the old column that kept which row had which is gone
{{- else}}
-- rung:no-transaction

BEGIN;

{{template "create enum" .o.CreateFormer}}
COMMIT;
{{- range .o.Tables}}

-- The old column again, worked out from the new one.
BEGIN;

LOCK TABLE {{.T.As}}
        IN SHARE UPDATE EXCLUSIVE MODE;

{{template "add columns" $.o.AddFormer .}}
{{- template "follow" $.o.Backward .}}

COMMIT;

-- rung:batch key={{.Key}}
{{template "fill batch" $.o.FillFormer .}}
{{- $t := .}}
{{- with $.o.Required .}}

ALTER TABLE {{$t.T.As}}
{{- range $i, $c := .}}{{if $i}},{{end}}
    ADD CONSTRAINT {{.Filled}} CHECK ({{.Former}} IS NOT NULL) NOT VALID
{{- end}};
ALTER TABLE {{$t.T.As}}
{{- range $i, $c := .}}{{if $i}},{{end}}
    VALIDATE CONSTRAINT {{.Filled}}
{{- end}};
ALTER TABLE {{$t.T.As}}
{{- range $i, $c := .}}{{if $i}},{{end}}
    ALTER COLUMN {{.Former}} SET NOT NULL
{{- end}};
ALTER TABLE {{$t.T.As}}
{{- range $i, $c := .}}{{if $i}},{{end}}
    DROP CONSTRAINT {{.Filled}}
{{- end}};
{{- end}}
{{- end}}
{{- with .o.FormerIndexes}}
{{range .}}
{{- template "build index" .}}
{{- end}}
{{- end}}
{{- end}}
