-- Purpose: take keys of a JSON document to typed columns
-- Parameters:
--   table: the table
--   column: the jsonb column
--   keys: what to take, like "dark_mode boolean, emailNotify AS email_notify boolean"; notifications.email is the key email in the object notifications, and "notifications.email" in quotes one key with a dot; types are boolean, smallint, integer, bigint, numeric, real, double precision, text, uuid, date, timestamp, timestamptz (with its zone, as in 2026-01-31T12:00:00Z), jsonb, an enum type, and arrays like text[] and integer[]
--   skip (optional): true leaves NULL what does not fit its type, and warns with its number and examples, instead of stopping
--   lenient (optional): true takes what reads like a value for one: "12", "yes", 1 for true, and a number for a text; what does not is NULL, as by skip
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   key (optional): the one or two columns over which the batches run; default: the primary key; required with --offline
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, ACCESS EXCLUSIVE while all rows are filled, which a table of more
--   than 10 MB is refused. online: ACCESS EXCLUSIVE for a moment, a few times; the rows of one
--   batch at a time. From the second look of the last file to its end a write of a document
--   that does not fit fails.
-- Steps:
--   1. add: name the rows with a key that does not fit its column, and stop if there are any; add the columns, empty
--   2. fill: a trigger by which the columns follow the document, then the old rows in batches
--   3. finish: look again for what does not fit, and once more when a CHECK keeps more of it out; the trigger goes, and the columns are what counts; until then write the document
--   The document keeps its keys until nobody reads them: --template contract drops them, or the column.
-- Example:
--   rung new users_settings --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean'

-- == add up ==
{{- define "fit"}}{{template "stuck"}} {{.t.Row "t"}} || ': ' || k.name || ' is ' || left(k.value::text, 60) AS example
              FROM {{.t.As}} AS t
             CROSS JOIN LATERAL (VALUES
{{- range $i, $k := .list}}{{if $i}},{{end}}
                    ({{literal $k.Name}}, {{$k.At (print "t." (ident $.column))}}, {{$k.Fits (print "t." (ident $.column))}})
{{- end}}) AS k (name, value, fits)
             WHERE jsonb_typeof(k.value) <> 'null'
               AND k.fits IS NOT TRUE) AS stuck;
    IF many > 0 THEN
        RAISE {{if .skip}}WARNING{{else}}EXCEPTION{{end}} USING
            MESSAGE = many || {{literal (print " values in " .t.As "." (ident .column) " do not fit their columns")}},
            DETAIL = 'For example: ' || examples,
{{- end}}
{{- .t.SeesAll}}
{{- if not .skip}}
-- Rows that do not fit are named before anything is changed. A key that is absent or
-- null is none of them: its column becomes NULL.
{{template "fit" .}}
            HINT = 'Fix the documents, or choose other types.';
{{template "end of stuck"}}
{{else}}
-- What does not fit is counted, and becomes NULL. A key that is absent or null is
-- none of it.
{{template "fit" .}}
            HINT = 'Their columns become NULL; the documents keep them. Fix those before the last file, and the columns follow.';
{{template "end of stuck"}}
{{end}}
-- Without a default and NULL in every row: this touches no row.
ALTER TABLE {{.t.As}}
{{- range $i, $k := .list}}{{if $i}},{{end}}
    ADD COLUMN {{ident $k.Column}} {{$k.Type}}
{{- end}};

-- == add down ==
ALTER TABLE {{.t.As}}
{{- range $i, $k := .list}}{{if $i}},{{end}}
    DROP COLUMN {{ident $k.Column}}
{{- end}};

-- == fill up ==
{{- define "follow"}} FUNCTION {{.function}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
{{- range .list}}
    NEW.{{ident .Column}} := {{indent 4 (.Value (print "NEW." (ident $.column)))}};
{{- end}}
    RETURN NEW;
END
$function$;
{{- end}}
{{- define "trigger"}}

CREATE{{.or}} TRIGGER {{ident .trigger}}
    BEFORE INSERT OR UPDATE ON {{.t.As}}
    FOR EACH ROW EXECUTE FUNCTION {{.function}}();
{{- end}}
-- New and changed rows first, so that the batches below miss none. The types are
-- tested, because ->> tells no "abc" from a number before the cast fails; what
-- does not fit becomes NULL, so that no write of the application fails.
BEGIN;

CREATE{{template "follow" .}}
{{- template "trigger" .}}

COMMIT;

{{if .cluster}}-- Citus: the trigger has the values, on each shard.
{{end}}-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{if .cluster}}{{ident .column}} = {{ident .column}}{{else}}{{range $i, $k := .list}}{{if $i}},
       {{end}}{{ident $k.Column}} = {{indent 7 ($k.Value (ident $.column))}}{{end}}{{end}}
 WHERE {{.t.InBatch ""}}
   AND {{ident .column}} ?| ARRAY[{{.keys}}];

-- == fill down ==
-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

COMMIT;

-- rung:batch key={{.key}}
UPDATE {{.t.As}}
   SET {{range $i, $k := .list}}{{if $i}},
       {{end}}{{ident $k.Column}} = NULL{{end}}
 WHERE {{.t.InBatch ""}}
   AND num_nonnulls({{.columns}}) > 0;

-- == finish up ==
{{- if not .skip}}
-- rung:no-transaction
{{.t.SeesAll}}
-- What does not fit and came since the columns were added is NULL in them, and
-- while the document counts, that is no loss yet.
{{template "fit" .}}
            HINT = 'Fix the documents: until the trigger goes, the columns follow.';
{{template "end of stuck"}}

-- And once more, when no more of them can come: those of writers that were still at
-- it are seen now. From here on a write of such a document fails.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK (
{{- range $i, $k := .list}}{{if $i}}
       AND {{else}}
           {{end}}(coalesce(jsonb_typeof({{$k.At (ident $.column)}}), 'null') = 'null'
            OR ({{$k.Fits (ident $.column)}}) IS TRUE)
{{- end}}) NOT VALID;

{{template "fit" .}}
            HINT = 'Fix the documents, and run this again: new ones are refused already.';
{{template "end of stuck"}}
{{end}}
{{- if .skip}}
{{.t.SeesAll}}
-- What does not fit is NULL from here on, and stays so.
{{template "fit" .}}
            HINT = 'Their columns are NULL. What is fixed in the documents from here on does not reach them.';
{{template "end of stuck"}}
{{end}}
-- From here on the columns are what counts.
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();
{{- if not .skip}}

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT {{ident .check}};
{{- end}}

COMMIT;

-- == finish down ==
-- Rows that do not fit are named before anything is changed: a list or a number has no
-- place for a key.
{{template "stuck"}} {{.t.Row ""}} || ': ' || left({{ident .column}}::text, 60) AS example
              FROM {{.t.As}}
             WHERE num_nonnulls({{.columns}}) > 0
               AND NOT {{.takes_keys}}) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " values in " .t.As "." (ident .column) " are no objects that could take the keys back")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Make them objects, or set the columns of those rows to NULL.';
{{template "end of stuck"}}

-- Meanwhile each follows the other: what is written to the columns goes into the
-- document, and what is written to the document into the columns.
BEGIN;
{{if not .skip}}
-- An up file that stopped halfway has left the CHECK and the trigger.
SET LOCAL client_min_messages = warning;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT IF EXISTS {{ident .check}};
{{end}}
CREATE OR REPLACE FUNCTION {{.function}}()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
{{- range .list}}
    IF TG_OP = 'INSERT' AND NEW.{{ident .Column}} IS NULL
       OR TG_OP = 'UPDATE' AND NEW.{{ident .Column}} IS NOT DISTINCT FROM OLD.{{ident .Column}}
          AND {{.At (print "NEW." (ident $.column))}} IS DISTINCT FROM {{.At (print "OLD." (ident $.column))}} THEN
        NEW.{{ident .Column}} := {{indent 8 (.Value (print "NEW." (ident $.column)))}};
    ELSIF {{$.new_takes_keys}} AND NEW.{{ident .Column}} IS DISTINCT FROM ({{indent 4 (.Value (print "NEW." (ident $.column)))}}) THEN
        NEW.{{ident $.column}} := {{indent 8 (.Back (print "NEW." (ident $.column)) (print "NEW." (ident .Column)))}};
    END IF;
{{- end}}
    RETURN NEW;
END
$function$;
{{- template "trigger" .again}}

COMMIT;

-- What was written to the columns alone goes back into the documents: one key at
-- a time, and only where it differs. (jsonb_set with a NULL would wipe them.)
{{- if .cluster}}
-- Citus: the trigger writes it, on each shard.
{{- end}}
{{- range .list}}
-- rung:batch key={{$.key}}
UPDATE {{$.t.As}}
   SET {{ident $.column}} = {{if $.cluster}}{{ident $.column}}{{else}}{{indent 7 (.Back (ident $.column) (ident .Column))}}{{end}}
 WHERE {{$.t.InBatch ""}}
   AND {{$.takes_keys}}
   AND {{if and $.cluster (not .Immutable)}}({{ident .Column}} IS NOT NULL OR {{.At (ident $.column)}} IS NOT NULL)
{{- else}}{{ident .Column}} IS DISTINCT FROM {{indent 7 (.Value (ident $.column))}}{{end}};
{{end}}
-- From here on the columns follow the document again.
CREATE OR REPLACE{{template "follow" .}}
