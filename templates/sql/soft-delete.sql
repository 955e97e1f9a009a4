-- Purpose: go from a time of deletion, like deleted_at, to a flag, like is_deleted
-- Parameters:
--   table: the table
--   column (optional): the column with the time; default: deleted_at
--   flag (optional): the new boolean column; default: is_deleted
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, ACCESS EXCLUSIVE while deleted rows are marked and indexes built,
--   which a table of more than 10 MB is refused. online: ACCESS EXCLUSIVE for a moment, a few
--   times; the rows of one batch at a time; the indexes are built beside reads and writes.
-- Steps:
--   1. add: the flag, false in every row
--   2. fill: triggers keep each column in line with the other; then the old rows in batches
--   3. index: for each index with the time in its condition, one with the flag
--   4. finish: the old indexes are dropped, and the new ones take over their names
--   - The time and its triggers stay: whichever of the two columns an old or a new program writes, both are right,
--     also during a revert. When nobody reads the time any more, --template contract drops it with its triggers. Do
--     not empty it before: a row without a time counts as not deleted.
--   - Until the fill is over, the flag of a row that is still to be filled says nothing. Deleted rows keep their
--     keys, and are restored by the time, not by the flag alone.
--   - Views, policies, CHECKs and functions that read the time are listed, and not changed: have them read the flag
--     after 2, and before the contract.
--   - An ON CONFLICT that names the condition of a unique index must say the time until 3, and the flag from 4 on.
--     Between the two an INSERT … ON CONFLICT … DO UPDATE by one of the indexes can fail at the other (23505): apply
--     both files soon after each other.
-- Example:
--   rung new users_is_deleted --template soft-delete --set table=users

-- == add up ==
{{- .t.SeesAll}}
-- The same for every row: PostgreSQL notes it once, and touches no row.
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .flag}} boolean NOT NULL DEFAULT false;

-- == add down ==
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .flag}};

-- == fill up ==
{{- define "trigger"}}
CREATE FUNCTION {{.function}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.{{ident .flag}} := NEW.{{ident .flag}} OR NEW.{{ident .column}} IS NOT NULL;
    ELSIF NEW.{{ident .column}} IS DISTINCT FROM OLD.{{ident .column}} THEN
        NEW.{{ident .flag}} := NEW.{{ident .column}} IS NOT NULL;
    ELSIF OLD.{{ident .flag}} AND NOT NEW.{{ident .flag}} THEN
        NEW.{{ident .column}} := NULL;
    END IF;
    IF NEW.{{ident .flag}} THEN
        NEW.{{ident .column}} := coalesce(NEW.{{ident .column}}, now());
    END IF;
    RETURN NEW;
END
$function$;

-- Two, so that each names the column: nobody drops it and leaves them behind.
CREATE TRIGGER {{ident .inserted}}
    BEFORE INSERT ON {{.t.As}}
    FOR EACH ROW WHEN (NEW.{{ident .flag}} OR NEW.{{ident .column}} IS NOT NULL)
    EXECUTE FUNCTION {{.function}}();

CREATE TRIGGER {{ident .trigger}}
    BEFORE UPDATE ON {{.t.As}}
    FOR EACH ROW WHEN (OLD.{{ident .flag}} <> NEW.{{ident .flag}} OR OLD.{{ident .column}} IS DISTINCT FROM NEW.{{ident .column}})
    EXECUTE FUNCTION {{.function}}();
{{- end}}
{{- .t.SeesAll}}
-- Whichever of the two an application writes, the other follows. New and changed
-- rows first, so that the batches below miss none.
BEGIN;
{{template "trigger" .}}

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .flag}} = true
 WHERE {{.t.InBatch ""}}
   AND {{ident .column}} IS NOT NULL
   AND NOT {{ident .flag}};

-- == fill down ==
{{- .t.SeesAll}}
-- The triggers go first, or they would take the times away with the flags.
BEGIN;

DROP TRIGGER {{ident .inserted}} ON {{.t.As}};

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .flag}} = false
 WHERE {{.t.InBatch ""}}
   AND {{ident .flag}};

-- == index up ==
{{- if .indexes}}
-- One for each index with the time in its condition.
{{- end}}
{{- range .indexes}}
{{.Create}} CONCURRENTLY {{.New}}
    ON {{$.t.As}} {{.After}};
{{- if .Said}}

COMMENT ON INDEX {{.NewFull}} IS {{literal .Said}};
{{- end}}
{{end}}

-- == index down ==
{{- if .indexes}}
-- What an up file that stopped halfway has not come to is not there.
SET client_min_messages = warning;
{{range .indexes}}
DROP INDEX CONCURRENTLY IF EXISTS {{.NewFull}};
{{end}}
{{- end}}

-- == finish up ==
{{- if .readers}}
-- These read {{ident .column}}. Have them read the flag before that column goes:
{{- range .readers}}
--   {{.}}
{{- end}}

{{end}}{{- if .indexes}}
-- The indexes with the flag say what the old ones did.
BEGIN;
{{range .indexes}}
ALTER INDEX {{.OldFull}}
    RENAME TO {{.Former}};

ALTER INDEX {{.NewFull}}
    RENAME TO {{.Old}};
{{end}}
COMMIT;
{{range .indexes}}
DROP INDEX CONCURRENTLY {{.FormerFull}};
{{end}}
{{- end}}

-- == finish down ==
{{- .t.SeesAll}}
-- The triggers have kept both right, but for what they did not see, as what a
-- subscription writes: there the flag is what counts.
-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = now()
 WHERE {{.t.InBatch ""}}
   AND {{ident .flag}}
   AND {{ident .column}} IS NULL;
UPDATE {{.t.As}}
   SET {{ident .column}} = NULL
 WHERE {{.t.InBatch ""}}
   AND NOT {{ident .flag}}
   AND {{ident .column}} IS NOT NULL;
-- rung:end
{{- if .indexes}}

BEGIN;
{{range .indexes}}
ALTER INDEX {{.OldFull}}
    RENAME TO {{.New}};
{{end}}
COMMIT;

-- An up file that stopped halfway has left some of the old ones.
SET client_min_messages = warning;
{{range .indexes}}
DROP INDEX CONCURRENTLY IF EXISTS {{.FormerFull}};

{{.Create}} CONCURRENTLY {{.Old}}
    ON {{$.t.As}} {{.Before}};
{{- if .Said}}

COMMENT ON INDEX {{.OldFull}} IS {{literal .Said}};
{{- end}}
{{end}}
{{- end}}
