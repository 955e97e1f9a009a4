-- Purpose: set a column of the rows that are there already, in batches
-- Parameters:
--   table: the table
--   column: the column to fill
--   value: an SQL expression over the table's columns
--   where (optional): which rows need it; default: those where the column is NULL
--   keep (optional): true keeps what was there in a side table, so that it can be reverted:
--     to rows that still hold what they were filled with
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   key (optional): the one or two columns over which the batches run; default: the primary key; required with --offline
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, SHARE ROW EXCLUSIVE, which lets reads through, while all rows are
--   filled; a table of more than 10 MB is refused. online: the rows of one batch at a time, for
--   as long as a batch takes.
-- Steps:
--   1. UPDATE in batches over the primary key, each committed by itself
-- Example:
--   rung new fill_users_is_active --template backfill --set table=users --set column=is_active --set value=true

-- == up ==
{{- .t.SeesAllOf}}
{{- if .keep}}
-- What the down migration needs: which rows were changed, what they held, and what they
-- were filled with. A later migration may drop it.
CREATE TABLE {{.side}} AS
SELECT {{.t.KeyList}}, {{ident .column}}, {{ident .column}} AS {{ident .filled}}
  FROM {{.t.As}}
  WITH NO DATA;

ALTER TABLE {{.side}}
    ADD PRIMARY KEY ({{.t.KeyList}});
{{end}}
-- Rows that arrive meanwhile are not its business: a default or a trigger must
-- keep them right, and be there before this runs.
{{- if .keep}}
-- The first statement locks the rows, so that nobody changes them before the last,
-- which notes what is in them: triggers may have changed that.
{{- if .cluster}}
-- Citus locks no rows of several shards but by an UPDATE.
-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{ident .column}}
 WHERE {{.t.InBatch ""}}
   AND {{.where}};
{{- else}}
-- rung:batch key={{.key}}
{{- end}}
INSERT INTO {{.side}}
SELECT {{.t.KeyList}}, {{ident .column}}, {{ident .column}}
  FROM {{.t.As}}
 WHERE {{.t.InBatch ""}}
   AND {{.where}}
{{- if not .cluster}}
 ORDER BY {{.t.KeyList}}
   FOR NO KEY UPDATE
{{- end}};
UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}}
 WHERE {{.t.InBatch ""}}
   AND ({{.t.KeyList}}) IN (SELECT {{.t.KeyList}} FROM {{.side}});
UPDATE {{.side}} AS b
   SET {{ident .filled}} = t.{{ident .column}}
  FROM {{.t.As}} AS t
 WHERE {{.t.InBatch "t"}}
   AND {{.t.On "b" "t"}};
-- rung:end
{{- else}}
-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}}
 WHERE {{.t.InBatch ""}}
   AND {{.where}};
{{- end}}

-- == down ==
{{- if .keep}}
{{- .t.SeesAllOf}}
-- What somebody has changed since then stays.
-- rung:batch key={{.key}}
UPDATE {{.t.As}} AS t
   SET {{ident .column}} = b.{{ident .column}}
  FROM {{.side}} AS b
 WHERE {{.t.InBatch "t"}}
   AND {{.t.On "b" "t"}}
   AND t.{{ident .column}}{{.as_text}} IS NOT DISTINCT FROM b.{{ident .filled}}{{.as_text}};

DROP TABLE {{.side}};
{{- else}}
-- rung:irreversible the values that were there before are not kept
{{- end}}
