-- Purpose: make an integer key bigint, with every column that refers to it, while reads and writes continue
-- Parameters:
--   table (optional): the table whose key it is; without one, all integer keys of the database are listed with how full they are, and nothing is written
--   column (optional): the column; default: the integer column of the primary key
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: ACCESS EXCLUSIVE for a moment, several times, on one table at a time, and on two while a foreign key
--   is added or goes, the one that is referred to first; the rows of one batch at a time. Each lock
--   is given up after 200 ms and tried again. Indexes are built, and foreign keys
--   and CHECKs proved, beside reads and writes.
-- Steps:
--   1. expand: sequences become bigint, and each table gets a second column, empty, beside each that changes
--   2. fill: a trigger keeps the second columns equal to the first; then the old rows in batches
--   3. index: a proof that both columns are equal in every row; the same indexes and CHECKs on the second ones,
--      unique indexes last
--   4. references: the same foreign keys between the second columns, validated
--   5. switch, a pair for each table, those that refer first: the columns swap names, with defaults, sequence,
--      primary key and unique constraints; views, triggers and policies are created again; from here on the old
--      column follows the new one. release, a pair for each table that is referred to, before its switch: the old
--      foreign keys to it are dropped
--   6. contract: prove that nothing uses the old columns, and drop them
--   - Each pair can be reverted until the contract, and a switch as long as every key fits the old type.
--   - Prepared statements that read or write a column that changes fail at every call after its switch (cached plan
--     must not change result type) until they are prepared again: recycle the connection pools right after it.
--   - From the last step of 3 to the switch an INSERT … ON CONFLICT … DO UPDATE can fail at the second unique index
--     (23505): apply 3 to 5 soon after each other.
--   - The columns become the last of their tables, and until the contract there are two: an INSERT without a list of
--     columns, or a COPY, would write the old one. A subscriber of a table needs the second column too, before 1.
--   - A partitioned table, by other columns, keeps its partitions: their indexes are built first, CONCURRENTLY, and
--     its switch locks all of them at once. A partition that is dropped or detached before the contract stops the
--     file that names it.
--   - Refused by name: a key that its table is partitioned by, and foreign keys of and to a partitioned table;
--     inherited tables, generated columns, materialized views and BEGIN ATOMIC functions that read the key, exclusion
--     and DEFERRABLE constraints, foreign keys that are MATCH FULL, and tables that refer to each other in a circle
--     where each of the foreign keys has SET NULL, SET DEFAULT or ON UPDATE CASCADE.
-- Example:
--   rung new orders_id_bigint --template bigint-key --set table=orders

-- == expand up ==
{{- range .b.Tables}}
{{- if .Widen}}
-- This lock waits for every transaction that has taken a number.
{{.Widen}}
{{- end}}
{{- end}}
{{- with .b.Tables}}
-- Without a default and NULL in every row: this touches no row. An autovacuum gives
-- way to the lock that is taken first, and no reader or writer waits for it.
{{- range .}}
{{.AddFresh}}
{{- end}}
{{- end}}

-- == expand down ==
{{- range .b.Tables}}
{{.DropFresh}}
{{- end}}
{{- range .b.Tables}}
{{- if .Narrow}}
-- This fails once the sequence has given a number that the old type cannot hold.
{{.Narrow}}
{{- end}}
{{- end}}

-- == fill up ==
{{- range .b.Tables}}
{{- .T.SeesAll}}
{{- end}}
{{- with .b.Tables}}

-- New and changed rows first, so that the batches below miss none.
{{- range .}}
{{.Follow}}
{{- end}}
{{- range .}}
-- rung:batch key={{.Key}}
{{.Fill}};
{{end}}
{{- end}}

-- == fill down ==
{{- range .b.Tables}}
{{- .T.SeesAll}}

-- The trigger goes first, or it would fill again what is reverted.
{{.Unfollow}}
-- rung:batch key={{.Key}}
{{.Empty}};
{{- end}}

-- == index up ==
{{- with .b.Tables}}
-- rung:no-transaction

-- What the switch relies on, proved beside reads and writes.
{{- range .}}
{{.Prove "big"}}
{{.Build "big" false}}
-- The planner knows the second columns before they are needed.
ANALYZE {{.T.As}};
{{end}}
{{- range .}}
{{- with .Build "big" true}}
-- From here to the switch of the table there are two unique indexes for one.
{{.}}
{{- end}}
{{- end}}
{{- end}}

-- == index down ==
{{- with .b.Tables}}
-- rung:no-transaction
-- What an up file that stopped halfway has not come to is not there.
SET client_min_messages = warning;
{{- range .}}
{{.Unbuild}}
{{.Unprove}}
{{- end}}
{{- end}}

-- == references up ==
{{- with .b.References}}
-- The table that is referred to is locked first, as programs write both. The old
-- foreign keys stay until their tables have been switched: before that, a referential
-- action that writes the second column would be undone by the trigger.
{{.}}
{{- end}}

-- == references down ==
{{- with .b.Unreference}}
SET client_min_messages = warning;

{{.}}
{{- end}}

-- == switch up ==
{{.one.Up}}

-- == switch down ==
{{.one.Down}}

-- == contract up ==
{{- if .b.Tables}}
-- rung:no-transaction
-- In one step: where one of the looks says no, none counts as done.
BEGIN;
{{- range .b.Tables}}
{{- .T.SeesAll}}

{{template "unused" ($.b.Old .)}}

-- A row that differs was written past the trigger.
{{template "stuck"}} {{.T.Row ""}} AS example
              FROM {{.T.As}}
             WHERE {{.Differ}}) AS differ;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " rows of " .T.As " differ in their old and new columns")}},
            DETAIL = 'For example: ' || examples;
{{template "end of stuck"}}
{{- end}}

COMMIT;
{{- range .b.Tables}}

-- The indexes of the old columns go with them.
{{.Contract}}
{{- end}}
{{- end}}

-- == contract down ==
{{- if .b.Tables}}
-- rung:irreversible the old columns cannot hold every key that the new ones can
{{- end}}
