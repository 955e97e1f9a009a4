-- Purpose: take a list in a text column, like "red, green", apart into a table of its own
-- Parameters:
--   table: the table
--   column: the column with the list: text with values between separators, text[], or a jsonb array of strings
--   to (optional): the new table of the values, like tags; needed where tags is not given
--   tags (optional): a table that is there, to take the values in place of a new one: with a primary key of one column, and one text that is unique and NOT NULL
--   link (optional): the new table between the two; default: from both names
--   separator (optional): what stands between the values of a text; default: a comma
--   quotes (optional): true takes a value in double quotes as one, separators and all, and two double quotes in it for one, as CSV does; false takes quotes as any other character
--   fold (optional): lower makes one value of "Red" and "red"
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
--   background (optional): true leaves filling the rows to `rung work`, which runs beside later releases
-- Locks: direct: one file, SHARE ROW EXCLUSIVE, which lets reads through, while all lists are
--   taken apart; a table of more than 2 MB is refused. online: SHARE ROW EXCLUSIVE on the table
--   for a moment, in each of the first two files, and ACCESS EXCLUSIVE when the trigger goes;
--   the rows of one batch at a time. While the trigger is there, statements that each insert
--   many rows with new values can meet a deadlock: what loads in bulk should be ready to try
--   again.
-- Steps:
--   1. add: both tables, empty; with tags= the one between
--   2. fill: a trigger keeps them in line with the column; then the old rows in batches
--   3. finish: the trigger is dropped, and the tables are what counts; until then write the column
--   - What old code still writes to the column after that, the tables do not follow; a table notes it. When 3 is
--     reverted, that side of a row counts which was written last. --template contract drops the note with the column.
--   - After a revert of 3, what is written to the tables alone is lost: before it, deploy code that writes both, the
--     tables first.
--   - Blanks (also those that do not break), tabs and characters without a width around a value are taken off, and
--     empty values left out. Of a value that comes twice the first place counts.
--   - The column stays until --template contract drops it, since its spacing and duplicates cannot be restored from
--     the tables.
-- Example:
--   rung new post_tags --template list-to-table --set table=posts --set column=tags --set to=tags

-- == add up ==
{{- .t.SeesAll}}
-- Rows that do not fit are named before anything is changed: an index over the values
-- takes no longer ones.
{{template "stuck"}} {{.t.Row "p"}} || ': ' || left({{.item}}, 60) AS example
              FROM {{.rows}}
             CROSS JOIN LATERAL {{.items}} AS u (item)
             WHERE octet_length({{.list}}::text) > 2600
               AND octet_length({{.item}}) > 2600) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " values in " .t.As "." (ident .column) " have more than 2600 bytes")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Fix the rows, or choose the separator by --set separator=…';
{{template "end of stuck"}}

{{- define "tables"}}
{{- if not .given}}
CREATE TABLE {{.values_table}} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);
{{end}}
CREATE TABLE {{.link_table}} (
{{- range .refs}}
    {{ident .Column}} {{.Type}} NOT NULL,
{{- end}}
    {{ident .value_id}} {{.id_type}} NOT NULL REFERENCES {{.values_table}},
    position integer NOT NULL,
    PRIMARY KEY ({{.refs_list}}, {{ident .value_id}}),
    FOREIGN KEY ({{.refs_list}}) REFERENCES {{.t.As}} ({{.t.KeyList}}) ON UPDATE CASCADE ON DELETE CASCADE
);

-- For the way from a value to its rows. The table is empty: this takes no time.
CREATE INDEX ON {{.link_table}} ({{ident .value_id}});
{{- end}}
{{template "tables" .}}

-- == add down ==
DROP TABLE {{.link_table}};
{{- if not .given}}

DROP TABLE {{.values_table}};
{{- end}}

-- == fill up ==
{{- define "values"}}
INSERT INTO {{.values_table}} ({{.name}})
SELECT DISTINCT v.name
  FROM {{.rows}}
 CROSS JOIN LATERAL {{.items}} AS u (item)
 CROSS JOIN LATERAL (SELECT {{.item}}) AS v (name)
 WHERE {{.which}}
   AND v.name <> ''
   AND NOT EXISTS (SELECT FROM {{.values_table}} AS w WHERE w.{{.name}} = v.name)
 ORDER BY v.name
    ON CONFLICT{{.meets}} DO NOTHING;
{{- end}}
{{- define "links"}}
INSERT INTO {{.link_table}} ({{.refs_list}}, {{ident .value_id}}, position)
SELECT {{.row_key}}, w.{{.id}}, row_number() OVER (PARTITION BY {{.row_key}} ORDER BY min(u.n))
  FROM {{.rows}}
 CROSS JOIN LATERAL {{.items}} WITH ORDINALITY AS u (item, n)
  JOIN {{.values_table}} AS w ON w.{{.name}} = {{.item}}
 WHERE {{.which}}
 GROUP BY {{.row_key}}, w.{{.id}}
    ON CONFLICT DO NOTHING;
{{- end}}
{{- define "trigger"}}
-- SECURITY DEFINER, since who writes {{.t.As}} need not write the new tables; with
-- pg_temp last, or his temporary objects could stand for the owner's.
CREATE FUNCTION {{.function}}()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {{.path}}
AS $function$
#variable_conflict use_column
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF ({{.new_key}}, NEW.{{ident .column}}) IS NOT DISTINCT FROM ({{.old_key}}, OLD.{{ident .column}}) THEN
            RETURN NULL;
        END IF;
        DELETE FROM {{.link_full}} WHERE {{.old_links}};
    END IF;
{{- if .t.Partitioned}}
    -- A row that goes to another partition is deleted here and inserted there; its
    -- links would follow, and meet those that the INSERT made.
    IF TG_OP = 'DELETE' THEN
        DELETE FROM {{.link_full}} WHERE {{.old_links}};
        RETURN NULL;
    END IF;
{{- end}}
    DELETE FROM {{.link_full}} WHERE {{.new_links}};
    INSERT INTO {{.values_full}} ({{.name}})
    SELECT DISTINCT v.name
      FROM {{.new_items}} AS u (item)
     CROSS JOIN LATERAL (SELECT {{.item}}) AS v (name)
     WHERE v.name <> ''
       AND NOT EXISTS (SELECT FROM {{.values_full}} AS w WHERE w.{{.name}} = v.name)
     ORDER BY v.name
        ON CONFLICT{{.meets}} DO NOTHING;
    INSERT INTO {{.link_full}} ({{.refs_list}}, {{ident .value_id}}, position)
    SELECT {{.new_key}}, w.{{.id}}, row_number() OVER (ORDER BY min(n))
      FROM {{.new_items}} WITH ORDINALITY AS u (item, n)
      JOIN {{.values_full}} AS w ON w.{{.name}} = {{.item}}
     GROUP BY w.{{.id}};
    RETURN NULL;
END
$function$;

-- Nobody may hang it on a table of his own, and write with the owner's rights.
REVOKE ALL ON FUNCTION {{.function}}() FROM PUBLIC;

CREATE TRIGGER {{ident .trigger}}
    AFTER INSERT OR UPDATE{{if .t.Partitioned}} OR DELETE{{end}} ON {{.t.As}}
    FOR EACH ROW EXECUTE FUNCTION {{.function}}();
{{- end}}
-- New and changed rows first, so that the batches below miss none.
BEGIN;
{{template "trigger" .}}

COMMIT;

-- Three statements: the rows are locked, so that nobody changes them meanwhile;
-- the values in order, so that two sessions with the same new ones cannot deadlock;
-- and the links in a statement of their own, which sees all values. A value that
-- is there already is left out, since its try would use up a number.
-- rung:batch key={{.key}}
{{template "lock batch" .t}}
{{- template "values" .}}
{{- template "links" .}}
-- rung:end

-- == fill down ==
-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

COMMIT;

{{- if .given}}

-- Values that were added to {{.values_table}} stay: other rows may use them by now.
TRUNCATE {{.link_table}};
{{- else}}

TRUNCATE {{.values_table}}, {{.link_table}} RESTART IDENTITY;
{{- end}}

-- == finish up ==
-- From here on the tables are what counts.
DROP TRIGGER {{ident .trigger}} ON {{.t.As}};

DROP FUNCTION {{.function}}();

-- Where the column is written nonetheless, the down migration must know which side is
-- newer: this notes what the tables said then. All of it goes with the column.
CREATE TABLE {{.note}} (
{{- range .refs}}
    {{ident .Column}} {{.Type}} NOT NULL,
{{- end}}
    said text[] NOT NULL,
    PRIMARY KEY ({{.refs_list}}),
    FOREIGN KEY ({{.refs_list}}) REFERENCES {{.t.As}} ({{.t.KeyList}}) ON UPDATE CASCADE ON DELETE CASCADE
);

-- A row that is new has nothing in the tables; one that comes from another
-- partition may have, and is not written by that.
CREATE FUNCTION {{.note_function}}()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {{.path}}
AS $function$
#variable_conflict use_column
BEGIN
    INSERT INTO {{.note_full}} AS n ({{.refs_list}}, said)
    VALUES ({{.new_key}}, ARRAY(SELECT {{.word}}
                            FROM {{.link_full}} AS k
                            JOIN {{.values_full}} AS w ON w.{{.id}} = k.{{ident .value_id}}
                           WHERE {{.new_k_links}}
                             AND TG_OP = 'UPDATE'
                           ORDER BY k.position))
        ON CONFLICT ({{.refs_list}}) DO UPDATE SET said = excluded.said;
    RETURN NULL;
END
$function$;

REVOKE ALL ON FUNCTION {{.note_function}}() FROM PUBLIC;

CREATE TRIGGER {{ident .note_inserted}}
    AFTER INSERT ON {{.t.As}}
    FOR EACH ROW WHEN ({{.new_written}})
    EXECUTE FUNCTION {{.note_function}}();

CREATE TRIGGER {{ident .note_updated}}
    AFTER UPDATE ON {{.t.As}}
    FOR EACH ROW WHEN (OLD.{{ident .column}} IS DISTINCT FROM NEW.{{ident .column}})
    EXECUTE FUNCTION {{.note_function}}();

-- == finish down ==
{{- define "unlistable"}}
-- Rows that do not fit are named before anything is changed: a value that would come out
-- of a list as something else.
{{template "stuck"}} {{.t.Row "p"}} || ': ' || left({{.word}}, 60) AS example
              FROM {{.rows}}
              JOIN {{.link_table}} AS k ON {{.p_links}}
              JOIN {{.values_table}} AS w ON w.{{.id}} = k.{{ident .value_id}}
             WHERE {{if .splits}}strpos({{.word}}, {{literal .separator}}) > 0
                OR {{end}}{{.word}} = ''
                OR {{.word}} <> {{.value_again}}) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " values of " .t.As " cannot stand in a list")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Rename them, or take them off their rows.';
{{template "end of stuck"}}
{{- end}}
{{- template "unlistable" .}}
{{- if .bounded}}
{{template "fits" .fits}}
{{- end}}

-- From here on the tables follow the column again, and what is written to it counts.
BEGIN;

DROP TRIGGER {{ident .note_inserted}} ON {{.t.As}};

DROP TRIGGER {{ident .note_updated}} ON {{.t.As}};

DROP FUNCTION {{.note_function}}();
{{template "trigger" .}}

COMMIT;

-- What was written to the tables last goes back into the column. A list that
-- says the same stays as it is, spacing and all. A write to the tables alone that
-- comes behind the batches is lost. The rows are locked first, so that the
-- others see what the trigger made of a list that was being written. Where the
-- tables still say what is noted, the column was written last, and they follow it.
-- rung:batch key={{.key}}
{{template "lock batch" .t}}
DELETE FROM {{.note}} AS n
 USING {{.rows}}
 WHERE {{.which}}
   AND {{.noted}}
   AND n.said <> ARRAY(SELECT {{.word}}
                         FROM {{.link_table}} AS k
                         JOIN {{.values_table}} AS w ON w.{{.id}} = k.{{ident .value_id}}
                        WHERE {{.p_links}}
                        ORDER BY k.position);
DELETE FROM {{.link_table}} AS k
 USING {{.note}} AS n
  JOIN {{.rows}} ON {{.noted}}
 WHERE {{.which}}
   AND {{.p_links}};
{{- template "values" .late}}
{{- template "links" .late}}
{{- define "list again"}}
UPDATE {{.t.As}} AS p
   SET {{ident .column}} = (SELECT {{if .not_null}}coalesce({{end}}{{.list_again}}{{if .not_null}}, {{.empty}}){{end}}
                 FROM {{.link_table}} AS k
                 JOIN {{.values_table}} AS w ON w.{{.id}} = k.{{ident .value_id}}
                WHERE {{.p_links}})
 WHERE {{if .direct}}true{{else}}{{.t.InBatch "p"}}{{end}}
   AND ARRAY(SELECT {{.word}}
               FROM {{.link_table}} AS k
               JOIN {{.values_table}} AS w ON w.{{.id}} = k.{{ident .value_id}}
              WHERE {{.p_links}}
              ORDER BY k.position)
       <> ARRAY(SELECT {{.item}}
                  FROM {{.items}} WITH ORDINALITY AS u (item, n)
                 WHERE {{.item}} <> ''
                 GROUP BY {{.item}}
                 ORDER BY min(n));
{{- end}}
{{- template "list again" .}}
-- rung:end

DROP TABLE {{.note}};
