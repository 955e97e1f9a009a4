-- Purpose: add a column, fill it in batches, and make it NOT NULL
-- Parameters:
--   table: the table
--   column: the new column
--   type: its type
--   value: what the rows have in it: an SQL expression over the table's columns
--   default (optional): its default once all is filled; without one an INSERT must give a value
--   null (optional): true leaves the column without NOT NULL
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   key (optional): the one or two columns over which the batches run; default: the primary key; required with --offline
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, ACCESS EXCLUSIVE while all rows are filled, which a table of more
--   than 10 MB is refused. online: ACCESS EXCLUSIVE for a moment, a few times; the rows of one
--   batch at a time; the scan that proves NOT NULL lets reads and writes through.
-- Steps:
--   1. add: name the rows that the value would leave NULL or that do not fit, and stop if there are any; add the column, empty
--   2. fill: a trigger for new and changed rows, then the old rows in batches
--   3. require: NOT NULL by way of a validated CHECK; the default; the trigger goes
--   A value that is the same for every row needs one step: PostgreSQL adds it without
--   touching a row, and it is the default too, unless another one is given.
--   Of a volatile value, like random(), a row that has one keeps it, unless a column
--   changes that the value is of. Until the trigger goes, NULL is what is not filled
--   yet: a row gets the value when it changes.
-- Example:
--   rung new users_email_key --template add-column --set table=users --set column=email_key --set type=text --set 'value=lower(email)' --set "default=''"

-- == up ==
{{- if .constant}}
-- The same for every row: PostgreSQL notes it once, and touches no row.
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .column}} {{.type}}{{if not .nullable}} NOT NULL{{end}} DEFAULT {{.value}};
{{- if and .default (ne .default .value)}}

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET DEFAULT {{.default}};
{{- end}}
{{- end}}

-- == down ==
{{- if .constant}}
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .column}};
{{- end}}

-- == add up ==
{{- if not .constant}}
{{- .t.SeesAll}}
{{- template "fits" .fits}}
-- Without a default and NULL in every row: this touches no row.
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .column}} {{.type}};
{{- end}}

-- == add down ==
{{- if not .constant}}
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .column}};
{{- end}}

-- == fill up ==
{{- define "trigger"}}
CREATE{{.or}} FUNCTION {{.fill}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    IF NEW.{{ident .column}} IS NULL THEN
        NEW.{{ident .column}} := (SELECT {{.value}} FROM (SELECT NEW.*) AS {{ident .t.Name}});
{{- if .follows}}
    ELSIF TG_OP = 'UPDATE' THEN
        IF {{if .reads}}ROW({{fields "NEW" .reads}})::record *<> ROW({{fields "OLD" .reads}})::record
           AND {{end}}NEW.{{ident .column}}{{.as_text}} IS NOT DISTINCT FROM OLD.{{ident .column}}{{.as_text}}
           AND OLD.{{ident .column}}{{.as_text}} IS NOT DISTINCT FROM (SELECT {{if .as_text}}({{.value}}){{.as_text}}{{else}}{{.value}}{{end}} FROM (SELECT OLD.*) AS {{ident .t.Name}}) THEN
            NEW.{{ident .column}} := (SELECT {{.value}} FROM (SELECT NEW.*) AS {{ident .t.Name}});
        END IF;
{{- end}}
    END IF;
    RETURN NEW;
END
$function$;

CREATE{{.or}} TRIGGER {{ident .trigger}}
    BEFORE INSERT OR UPDATE ON {{.t.As}}
    FOR EACH ROW EXECUTE FUNCTION {{.fill}}();
{{- end}}
{{- if not .constant}}
-- New and changed rows first, so that the batches below miss none.{{if .follows}} A value that
-- is what its row gives follows the row; one that somebody set stays.{{end}}
{{- if .reads}}
-- The value is volatile, and so it follows only what it is of (*<> compares bytes).
{{- end}}
BEGIN;

{{template "trigger" .}}

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = {{.value}}
 WHERE {{.t.InBatch ""}}
   AND {{ident .column}} IS NULL;
{{- end}}

-- == fill down ==
{{- if not .constant}}
-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.fill}}();

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = NULL
 WHERE {{.t.InBatch ""}}
   AND {{ident .column}} IS NOT NULL;
{{- end}}

-- == require up ==
{{- if not .constant}}
{{- if not .nullable}}
-- rung:no-transaction

-- New and changed rows are tested from here on; old ones are not looked at yet.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK ({{ident .column}} IS NOT NULL) NOT VALID;

-- This is the scan.
ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .check}};

-- Together, and short: the valid CHECK proves NOT NULL without a second scan{{if .default}}, and
-- the default takes over in the moment in which the trigger goes{{end}}.
BEGIN;

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET NOT NULL;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT {{ident .check}}{{if .default}},
    ALTER COLUMN {{ident .column}} SET DEFAULT {{.default}}{{end}};
{{- else if .default}}
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET DEFAULT {{.default}};
{{- end}}

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.fill}}();
{{- if not .nullable}}

COMMIT;
{{- end}}
{{- end}}

-- == require down ==
{{- if not .constant}}
{{- if not .nullable}}
-- An up file that stopped halfway has left the CHECK and the trigger.
SET LOCAL client_min_messages = warning;
{{end}}
{{- template "trigger" .again}}
{{- if or .default (not .nullable)}}

ALTER TABLE {{.t.As}}
{{- if not .nullable}}
    DROP CONSTRAINT IF EXISTS {{ident .check}},
    ALTER COLUMN {{ident .column}} DROP NOT NULL{{if .default}},{{end}}
{{- end}}
{{- if .default}}
    ALTER COLUMN {{ident .column}} DROP DEFAULT
{{- end}};
{{- end}}
{{- end}}
