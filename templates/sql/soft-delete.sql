-- Purpose: go from a time of deletion, like deleted_at, to a flag, like is_deleted
-- Parameters:
--   table: the table
--   column (optional): the column with the time; default: deleted_at
--   flag (optional): the new boolean column; default: is_deleted
-- Locks: ACCESS EXCLUSIVE for a moment, a few times; the rows of one batch at a
--   time; the indexes are built beside reads and writes.
-- Steps:
--   1. add: the flag, false in every row
--   2. fill: a trigger by which each column follows the other, then the old rows in batches
--   3. index: for each index with the time in its condition, one with the flag
--   4. finish: the old indexes and the trigger go; the new indexes take over their names
--   Views, policies, checks and functions that read the time are listed, and not changed:
--   where they tell what is deleted, have them read the flag between 2 and 4. So must,
--   between 3 and 4, an ON CONFLICT that finds a unique index by the time.
--   Until the fill is over, deleted rows keep their keys, and come back by the time
--   and not by the flag alone: the flag of a row that is still to be filled says nothing.
--   The old column stays, with its times: drop it later, when nobody reads it.
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

CREATE TRIGGER {{ident .trigger}}
    BEFORE INSERT OR UPDATE ON {{.t.As}}
    FOR EACH ROW EXECUTE FUNCTION {{.function}}();
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
-- The trigger goes first, or it would take the times away with the flags.
BEGIN;

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
{{- range .indexes}}
DROP INDEX CONCURRENTLY {{.NewFull}};
{{end}}

-- == finish up ==
{{- if .readers}}
-- These read {{ident .column}}, which from here on says nothing of what the flag
-- alone deletes. Where they tell what is deleted, have them read the flag first:
{{- range .readers}}
--   {{.}}
{{- end}}

{{end}}{{- if .indexes}}
-- The old indexes go before the trigger: without it they do not know what the flag
-- alone deletes.
{{- range .indexes}}
DROP INDEX CONCURRENTLY {{.OldFull}};

ALTER INDEX {{.NewFull}}
    RENAME TO {{.Old}};
{{end}}
{{- end}}
-- From here on the flag is what counts.
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

COMMIT;

-- == finish down ==
{{- .t.SeesAll}}
-- A row that was deleted by its flag alone is deleted now, since the true time is
-- not known; one that came back by its flag alone comes back.
BEGIN;
{{template "trigger" .}}

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = CASE WHEN {{ident .flag}} THEN coalesce({{ident .column}}, now()) END
 WHERE {{.t.InBatch ""}}
   AND {{ident .flag}} <> ({{ident .column}} IS NOT NULL);
{{range .indexes}}
ALTER INDEX {{.OldFull}}
    RENAME TO {{.New}};

{{.Create}} CONCURRENTLY {{.Old}}
    ON {{$.t.As}} {{.Before}};
{{- if .Said}}

COMMENT ON INDEX {{.OldFull}} IS {{literal .Said}};
{{- end}}
{{end}}
