-- Purpose: change a column's type, in one ALTER where that takes a moment, otherwise without rewriting the table under a lock
-- Parameters:
--   table: the table
--   column: the column
--   type: its new type
--   value (optional): the new value, an expression over the table's columns that gives the same in every session; default: a cast
--   back (optional): the old value from the new one, for the down migration; default: a cast
--   default (optional): the new default; default: the old one, cast; to be given where value is
--   zone (optional): the time zone of times that have none, from timestamp to timestamptz or back, like Europe/Berlin
--   way (optional): direct (one transaction) or online (a second column); default: direct where PostgreSQL changes the
--     type without reading the rows; otherwise by the table's size and use with --database-url, online without
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: ACCESS EXCLUSIVE on the table, for a moment where PostgreSQL need not read the rows, and for as long
--   as the rewrite takes elsewhere, which a table of more than 10 MB is refused. online: ACCESS EXCLUSIVE
--   for a moment, a few times; the rows of one batch at a time; indexes are built beside reads and writes.
-- Steps:
--   direct is one pair: ALTER TABLE, and around it what depends on the column: views, rules, triggers, policies,
--   generated columns and publications are dropped and created again. Where PostgreSQL need not read the rows, the
--   file proves that, and CHECKs are validated beside reads and writes. Values that do not convert back exactly are
--   kept in a side table for the down migration.
--   online is five pairs:
--   1. add: name the rows that do not convert, or become equal under a unique index, and stop if there are any; a
--      second column, empty, with the grants and the comment of the first
--   2. fill: a trigger keeps it in line with the first one; then the old rows in batches
--   3. index: the same indexes, UNIQUE constraints and CHECKs on it, and a proof of NOT NULL
--   4. switch: the columns swap names, and views, rules, triggers, policies, statistics and publications are created
--      again, in one short transaction; from here on the old column follows the new one
--   5. contract: drop the old column
--   - Deploy code that works with the new type before the switch. Between the switch and the contract a value must
--     fit both types: a write of one that the old type cannot hold fails.
--   - Prepared statements that read or write the column fail at every call after the switch (cached plan must not
--     change result type) until they are prepared again: recycle the connection pools right after it.
--   - From the build of a unique index to the switch an INSERT … ON CONFLICT … DO UPDATE can fail at it (23505):
--     apply both soon.
--   - The column becomes the last of its table. From PostgreSQL 18 on NOT NULL has a name, and that is made from the
--     second column's.
--   - Refused online, and not by direct: primary and foreign keys, generated columns and materialized views of the
--     column.
-- Example:
--   rung new users_score --template change-type --set table=users --set column=score --set type=bigint

-- == add up ==
{{- .t.SeesAll}}
{{- define "values"}}
{{- range .fits}}
{{- template "fits" .}}
{{- end}}
{{- range .uniques}}
-- Values that become equal are named before a unique index meets them.
{{template "stuck"}} format({{.KeysFormat}}, count(*), {{.Keys}}) AS example
              FROM {{$.converted}}
             WHERE {{if .NullsEqual}}true{{else}}({{.Keys}}) IS NOT NULL{{end}}
{{- if .Where}}
               AND ({{.Where}})
{{- end}}
             GROUP BY {{.Keys}}
            HAVING count(*) > 1) AS equal;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " values of " $.t.As "." (ident $.column) " would be more than once in the unique index " .OldFull)}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Fix or delete the rows first.';
{{template "end of stuck"}}
{{end}}
{{- if .there_and_back}}
-- Values that change on the way, as by rounding. The others are there until
-- {{.until}}.
{{template "stuck"}} {{(index .fits 0).Shown}} AS example
              FROM {{.t.As}}
             WHERE ({{.there_and_back}}){{.as_text}} IS DISTINCT FROM {{ident .column}}{{.as_text}}) AS changed;
    IF many > 0 THEN
        RAISE WARNING USING
            MESSAGE = many || {{literal (print " values of " .t.As "." (ident .column) " are not the same as " (index .fits 0).Type)}},
            DETAIL = 'For example: ' || examples;
{{template "end of stuck"}}
{{- end}}
{{- end}}
{{- template "values" .forward}}

-- Without a default and NULL in every row: this touches no row.
ALTER TABLE {{.t.As}}
    ADD COLUMN {{.fresh}} {{.new_type}};
{{- range .dress_fresh}}

{{.}};
{{- end}}

-- == add down ==
ALTER TABLE {{.t.As}}
    DROP COLUMN {{.fresh}};

-- == fill up ==
{{- define "follow"}}
CREATE FUNCTION {{.function}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    NEW.{{.to}} := (SELECT {{.expression}} FROM (SELECT NEW.*) AS {{ident .t.Name}});
    RETURN NEW;
END
$function$;

CREATE TRIGGER {{ident .trigger}}
    BEFORE INSERT OR UPDATE ON {{.t.As}}
    FOR EACH ROW EXECUTE FUNCTION {{.function}}();

-- Also for what a subscription writes.
ALTER TABLE {{.t.As}}
    ENABLE ALWAYS TRIGGER {{ident .trigger}};
{{- end}}
{{- define "fill"}}
{{- if .cluster}}-- Citus: the trigger works the values out, on each shard.
{{end}}-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{if .cluster}}{{ident .column}} = {{ident .column}}{{else}}{{.to}} = {{.expression}}{{end}}
 WHERE {{.t.InBatch ""}}
   AND {{.to}} IS NULL
{{- if not (and .cluster .said)}}
   AND {{.some}}
{{- end}};
{{- end}}
{{- define "filled"}}

-- What discards updates, a trigger or a rule, would leave rows out.
{{template "stuck"}} {{(index .fits 0).Shown}} AS example
              FROM {{.t.As}}
             WHERE {{.to}} IS NULL
               AND {{.some}}) AS empty;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " rows of " .t.As " were not filled: something discards updates, such as a trigger or a rule")}},
            DETAIL = 'For example: ' || examples,
            HINT = {{literal (print "Fix that, then UPDATE " .t.As " SET " (ident .column) " = " (ident .column) " WHERE " .to " IS NULL, and run this again.")}};
{{template "end of stuck"}}
{{- end}}
{{- .t.SeesAll}}
-- New and changed rows first, so that the batches below miss none.
BEGIN;
{{template "follow" .forward}}

COMMIT;

{{template "fill" .forward}}
{{- template "filled" .forward}}

-- == fill down ==
-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{.fresh}} = NULL
 WHERE {{.t.InBatch ""}}
   AND {{.fresh}} IS NOT NULL;

-- == index up ==
{{- define "named constraint"}}
{{- if .Constraint}}

ALTER TABLE {{.Table}}
    ADD CONSTRAINT {{.Name}} UNIQUE USING INDEX {{.Name}}{{.How}};
{{- if .ConstraintSaid}}

COMMENT ON CONSTRAINT {{.Name}} ON {{.Table}} IS {{literal .ConstraintSaid}};
{{- end}}
{{- end}}
{{- end}}
{{- if or .required .indexes .carried.Checks}}
-- rung:no-transaction
{{- if .required}}
-- A valid CHECK proves NOT NULL at the switch, without a scan there.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK ({{.fresh}} IS NOT NULL) NOT VALID;

ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .check}};
{{end}}
{{- range .carried.Checks}}

-- What the first column must pass the second one must, too.
ALTER TABLE {{$.t.As}}
    ADD CONSTRAINT {{.New}} {{.Forth}} NOT VALID;
{{.Says}}
{{- if .Valid}}
ALTER TABLE {{$.t.As}}
    VALIDATE CONSTRAINT {{.New}};
{{- end}}
{{end}}
{{range .indexes}}
{{.Create}} CONCURRENTLY {{.New}}
    ON {{$.t.As}} {{.After}};
{{- template "named constraint" (.Beside $.t.As .New)}}
{{if .Said}}
COMMENT ON INDEX {{.NewFull}} IS {{literal .Said}};
{{end}}
{{- end}}
{{- end}}

-- == index down ==
{{- if or .required .indexes .carried.Checks}}
-- What an up file that stopped halfway has not come to is not there.
SET client_min_messages = warning;
{{if .required}}
ALTER TABLE {{.t.As}}
    DROP CONSTRAINT IF EXISTS {{ident .check}};
{{end}}
{{- range .carried.Checks}}
ALTER TABLE {{$.t.As}}
    DROP CONSTRAINT IF EXISTS {{.New}};
{{end}}
{{- range .indexes}}
{{- if .Constraint}}
ALTER TABLE {{$.t.As}}
    DROP CONSTRAINT IF EXISTS {{.New}};
{{end}}
DROP INDEX CONCURRENTLY IF EXISTS {{.NewFull}};
{{end}}
{{- end}}

-- == switch up ==
-- Together, and short. A session that waits for this continues with the new type.
{{- if .carried.Stirred}}
BEGIN;
{{end}}
{{template "lock together" .carried.Lock}}
{{- with .carried.Drop}}

-- These hang on the first column, and come back below.
{{.}}
{{- end}}
{{- range .carried.Checks}}

ALTER TABLE {{$.t.As}}
    DROP CONSTRAINT {{.Name}};
{{- end}}

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();
{{- if .required}}

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{.fresh}} SET NOT NULL;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT {{ident .check}};
{{- end}}
{{- if .new_default}}

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{.fresh}} SET DEFAULT {{.new_default}};
{{- end}}
{{- if .old_default}}

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} DROP DEFAULT;
{{- end}}

ALTER TABLE {{.t.As}}
    RENAME COLUMN {{ident .column}} TO {{.old}};

ALTER TABLE {{.t.As}}
    RENAME COLUMN {{.fresh}} TO {{ident .column}};
{{range .indexes}}
ALTER INDEX {{.OldFull}}
    RENAME TO {{.Former}};

ALTER INDEX {{.NewFull}}
    RENAME TO {{.Old}};
{{range .Uses}}
ALTER TABLE {{$.t.As}}
    {{.}};
{{end}}
{{- end}}
{{- range .carried.Checks}}
ALTER TABLE {{$.t.As}}
    RENAME CONSTRAINT {{.New}} TO {{.Name}};
{{end}}
{{- with .carried.Make}}

-- As before, over the new column.
{{.}}
{{- end}}

-- For the down migration the old column follows the new one.
{{- template "follow" .backward}}
{{- if .carried.Stirred}}

COMMIT;

-- New statistics are empty.
ANALYZE {{.t.As}};
{{- end}}

-- == switch down ==
{{- $proves := or .required .carried.Checks .carried.Stirred}}
{{- if $proves}}
BEGIN;
{{end}}
{{template "lock together" .carried.Lock}}
{{- with .carried.Drop}}

{{.}}
{{- end}}
{{- range .carried.Checks}}

ALTER TABLE {{$.t.As}}
    RENAME CONSTRAINT {{.Name}} TO {{.New}};
{{- end}}

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

ALTER TABLE {{.t.As}}
    RENAME COLUMN {{ident .column}} TO {{.fresh}};

ALTER TABLE {{.t.As}}
    RENAME COLUMN {{.old}} TO {{ident .column}};
{{range .indexes}}
ALTER INDEX {{.OldFull}}
    RENAME TO {{.New}};

ALTER INDEX {{.FormerFull}}
    RENAME TO {{.Old}};
{{range .Uses}}
ALTER TABLE {{$.t.As}}
    {{.}};
{{end}}
{{- end}}
{{- if .old_default}}
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET DEFAULT {{.old_default}};
{{end}}
{{- if .new_default}}
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{.fresh}} DROP DEFAULT;
{{end}}
{{- if .required}}
-- The CHECK replaces NOT NULL again.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK ({{.fresh}} IS NOT NULL) NOT VALID;

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{.fresh}} DROP NOT NULL;
{{end}}
{{- range .carried.Checks}}
ALTER TABLE {{$.t.As}}
    ADD CONSTRAINT {{.Name}} {{.Def}} NOT VALID;
{{.Said}}
{{- end}}
{{- with .carried.Make}}
{{.}}
{{- end}}
{{- template "follow" .forward}}
{{- if $proves}}

COMMIT;
{{- end}}
{{- if or .required .carried.Checks}}

-- The scans.
{{- if .required}}
ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .check}};
{{- end}}
{{- range .carried.Checks}}
{{- if .Valid}}

ALTER TABLE {{$.t.As}}
    VALIDATE CONSTRAINT {{.Name}};
{{- end}}
{{- end}}
{{- end}}
{{- if .carried.Stirred}}

ANALYZE {{.t.As}};
{{- end}}

-- == contract up ==
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

{{template "unused" .gone}}

-- Its indexes go with it.
ALTER TABLE {{.t.As}}
    DROP COLUMN {{.old}};

COMMIT;

-- == contract down ==
-- rung:no-transaction
{{- $several := or .t.Forced .backward.uniques (gt (len .backward.fits) 1)}}
{{- if $several}}
-- In one step: where a look says no, none counts as done.
BEGIN;
{{end}}
{{- .t.SeesAll}}
{{template "values" .backward}}
{{- if $several}}

COMMIT;
{{- end}}

-- The old column again, worked out from the new one.
BEGIN;

ALTER TABLE {{.t.As}}
    ADD COLUMN {{.old}} {{.old_type}};
{{- range .dress_old}}

{{.}};
{{- end}}
{{template "follow" .backward}}

COMMIT;

{{template "fill" .backward}}
{{- template "filled" .backward}}
{{range .indexes}}
{{.Create}} CONCURRENTLY {{.Former}}
    ON {{$.t.As}} {{.Before}};
{{- template "named constraint" (.Beside $.t.As .Former)}}
{{if .Said}}
COMMENT ON INDEX {{.FormerFull}} IS {{literal .Said}};
{{end}}
{{- end}}
{{- if .required}}
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK ({{.old}} IS NOT NULL) NOT VALID;

ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .check}};

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{.old}} SET NOT NULL;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT {{ident .check}};
{{- end}}
