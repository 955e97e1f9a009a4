-- Purpose: set a column of the rows that are there already, in batches
-- Parameters:
--   table: the table
--   column: the column to fill
--   value: an SQL expression over the table's columns
--   where (optional): which rows need it; default: those where the column is NULL
-- Locks: the rows of one batch at a time, for as long as a batch takes.
-- Steps:
--   1. UPDATE in batches over the primary key, each committed by itself
-- Example:
--   rung new fill_users_is_active --template backfill --set table=users --set column=is_active --set value=true

-- == up ==
-- Rows that arrive meanwhile are not its business: a default or a trigger must
-- keep them right, and be there before this runs.
-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}}
 WHERE {{.t.InBatch ""}}
   AND {{if .where}}({{.where}}){{else}}{{ident .column}} IS NULL{{end}};

-- == down ==
-- rung:irreversible the values that were there before are not kept
