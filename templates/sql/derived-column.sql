-- Purpose: add a column whose value comes from the rows of another table, and is never wrong
-- Parameters:
--   table: the table that gets the column
--   column: the new column
--   source: the table that the value comes from; it has a foreign key to the first one
--   value: an aggregate over the source's rows that belong to a row, like count(*) > 10
--   where (optional): which of the source's rows count
--   on (optional): the columns of the foreign key, where there are several
--   keep (optional): true keeps the triggers for good
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, ACCESS EXCLUSIVE on the table and SHARE ROW EXCLUSIVE on the source
--   while all rows are filled, which a table of more than 10 MB is refused. online: SHARE ROW
--   EXCLUSIVE on the source and ACCESS EXCLUSIVE on the table, for a moment each, never both at
--   once; ACCESS EXCLUSIVE on the source, too, when the triggers go; the rows of one batch at a
--   time. As long as the triggers are there, a write to the source locks the row that it
--   belongs to: writers of one such row take turns, and transactions that write to several such
--   rows can meet a deadlock. That is right under READ COMMITTED, not under stricter levels.
-- Steps:
--   1. add: name the rows that would have no value, and stop if there are any; add the column, empty
--   2. fill: triggers on the source, then the old rows in batches: locked first, computed second
--   3. require: NOT NULL, where the value of no rows at all is not NULL; the triggers go, unless kept
-- Example:
--   rung new users_is_premium --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true

-- == add up ==
{{- define "value"}}(SELECT {{.value}} FROM {{.rows}} WHERE {{.on}}{{if .where}} AND ({{.where}}){{end}}){{end}}
{{- .t.SeesAll}}
{{- .source.SeesAll}}
{{- if .check_rows}}
-- Rows that do not fit are named before anything is changed.
{{template "stuck"}} concat_ws(', ', {{idents .from}}) AS example
              FROM {{.source.As}}
{{- if .where}}
             WHERE {{.where}}
{{- end}}
             GROUP BY {{idents .from}}
            HAVING ({{.value}}) IS NULL) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " rows of " .t.As " would have no " .column)}},
            DETAIL = {{literal (print "For example those with this " (idents .into) ": ")}} || examples,
            HINT = 'Give a value that is never NULL, as by coalesce(…).';
{{template "end of stuck"}}
{{end}}
-- Without a default and NULL in every row: this touches no row.
ALTER TABLE {{.t.As}}
    ADD COLUMN {{ident .column}} {{.type}};

-- == add down ==
ALTER TABLE {{.t.As}}
    DROP COLUMN {{ident .column}};

-- == fill up ==
{{- define "update"}}
        PERFORM FROM {{.t.Full}} AS {{.p}}
          WHERE {{.row}} IN ({{.touched}})
          ORDER BY {{.keys}}
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        UPDATE {{.t.Full}} AS {{.p}}
           SET {{ident .column}} = {{template "value" .}}
         WHERE {{.row}} IN ({{.touched}})
           AND {{.p}}.{{ident .column}}{{.as_text}} IS DISTINCT FROM {{template "value" .}}{{.as_text}};
{{- end}}
{{- define "update all"}}
        UPDATE {{.t.Full}} AS {{.p}}
           SET {{ident .column}} = {{template "value" .}}
         WHERE {{.p}}.{{ident .column}}{{.as_text}} IS DISTINCT FROM {{template "value" .}}{{.as_text}};
{{- end}}
{{- define "triggers"}}
-- Lock first, compute second: a statement does not see what commits after it
-- started, so the value is worked out in a second one, when nobody else can be at
-- the row. SECURITY DEFINER, since who writes {{.source.As}} need not write {{.t.As}};
-- with pg_temp last, or his temporary table could stand for one of the owner's.
-- Without a row left it ends at once: two such columns, each from the other's
-- table, would call each other for ever.
CREATE{{.or}} FUNCTION {{.function}}()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {{.path}}
AS $function$
#variable_conflict use_column
BEGIN
    IF TG_OP = 'INSERT' THEN
{{- template "update" .inserted}}
    ELSIF TG_OP = 'DELETE' THEN
{{- template "update" .deleted}}
    ELSIF TG_OP = 'UPDATE' THEN
{{- template "update" .updated}}
    ELSE
{{- template "update all" .emptied}}
    END IF;
    RETURN NULL;
END
$function$;

-- Nobody may hang it on a table of his own, and write with the owner's rights.
REVOKE ALL ON FUNCTION {{.function}}() FROM PUBLIC;

CREATE{{.or}} TRIGGER {{ident .after_insert}}
    AFTER INSERT ON {{.source.As}}
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {{.function}}();

CREATE{{.or}} TRIGGER {{ident .after_update}}
    AFTER UPDATE ON {{.source.As}}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {{.function}}();

CREATE{{.or}} TRIGGER {{ident .after_delete}}
    AFTER DELETE ON {{.source.As}}
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {{.function}}();

CREATE{{.or}} TRIGGER {{ident .after_truncate}}
    AFTER TRUNCATE ON {{.source.As}}
    FOR EACH STATEMENT EXECUTE FUNCTION {{.function}}();
{{- end}}
{{- define "no triggers"}}
DROP TRIGGER {{ident .after_insert}} ON {{.source.As}};

DROP TRIGGER {{ident .after_update}} ON {{.source.As}};

DROP TRIGGER {{ident .after_delete}} ON {{.source.As}};

DROP TRIGGER {{ident .after_truncate}} ON {{.source.As}};

DROP FUNCTION {{.function}}();
{{- end}}
-- New and changed rows first, so that the batches below miss none.
BEGIN;
{{template "triggers" .}}

COMMIT;
{{- if .required}}

-- What a new row has, which no row of {{.source.As}} belongs to yet. Apart
-- from the triggers: with both tables locked at once, a transaction that writes one
-- after the other would be stuck with this one.
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET DEFAULT {{.default}};
{{- end}}

-- Two statements for the same reason.
-- rung:batch key={{.key}}
{{template "lock batch" .t}}
UPDATE {{.t.As}} AS {{.p}}
   SET {{ident .column}} = {{template "value" .}}
 WHERE {{.t.InBatch .p}}
   AND {{.p}}.{{ident .column}} IS NULL;
-- rung:end

-- == fill down ==
-- The triggers go first, or they would fill again what is reverted.
BEGIN;
{{template "no triggers" .}}

COMMIT;
{{- if .required}}

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} DROP DEFAULT;
{{- end}}

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{ident .column}} = NULL
 WHERE {{.t.InBatch ""}}
   AND {{ident .column}} IS NOT NULL;

-- == require up ==
{{- if .required}}
-- rung:no-transaction

-- New and changed rows are tested from here on; old ones are not looked at yet.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK ({{ident .column}} IS NOT NULL) NOT VALID;

-- This is the scan.
ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .check}};

-- The valid CHECK is proof enough: no second scan. It has done its work then.
BEGIN;

ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET NOT NULL;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT {{ident .check}};

COMMIT;
{{end}}
{{- if not .keep}}
-- From here on the application keeps the column right.
BEGIN;
{{template "no triggers" .}}

COMMIT;
{{- end}}

-- == require down ==
{{- if .required}}
BEGIN;

-- An up file that stopped halfway has left the CHECK{{if not .keep}}, and the triggers{{end}}.
SET LOCAL client_min_messages = warning;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT IF EXISTS {{ident .check}},
    ALTER COLUMN {{ident .column}} DROP NOT NULL;

COMMIT;
{{end}}
{{- if not .keep}}
BEGIN;
{{template "triggers" .again}}

COMMIT;

-- What changed while there was no trigger.
-- rung:batch key={{.key}}
{{template "lock batch" .t}}
UPDATE {{.t.As}} AS {{.p}}
   SET {{ident .column}} = {{template "value" .}}
 WHERE {{.t.InBatch .p}}
   AND {{.p}}.{{ident .column}}{{.as_text}} IS DISTINCT FROM {{template "value" .}}{{.as_text}};
-- rung:end
{{- end}}
