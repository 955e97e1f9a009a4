-- Purpose: build an index while reads and writes continue; a unique one becomes a constraint
-- Parameters:
--   table: the table
--   columns: what it is over, as in CREATE INDEX: columns, or expressions in parentheses
--   unique (optional): true makes it unique, and a constraint where its columns are plain
--   where (optional): the condition of a partial index
--   include (optional): further columns that it holds
--   using (optional): the access method; default: btree
--   index (optional): its name; by default as PostgreSQL would name it
-- Locks: SHARE UPDATE EXCLUSIVE while it is built, which lets reads and writes
--   through; ACCESS EXCLUSIVE for a moment to attach a constraint. On a partitioned
--   table also SHARE on it for a moment, which stops writes, and ACCESS EXCLUSIVE on
--   each partition's new index to attach that.
-- Steps:
--   1. unique: name the duplicates, and stop if there are any
--   2. CREATE INDEX CONCURRENTLY; if it fails, rung drops what it leaves and builds it again
--   3. unique: attach it as a constraint
--   On a partitioned table: on each partition by itself, and then attached; partitions
--   that the file does not know are named, and stop it.
-- Example:
--   rung new orders_user_id_index --template add-index --set table=orders --set columns=user_id

-- == up ==
{{- if .unique}}
-- rung:no-transaction
{{.t.SeesAll}}
-- Duplicates are named before anything is built.
{{template "stuck"}} format({{.format}}, count(*), {{.values}}) AS example
              FROM {{.t.Own}}
             WHERE ({{.values}}) IS NOT NULL
{{- if .where}}
               AND ({{.where}})
{{- end}}
             GROUP BY {{.values}}
            HAVING count(*) > 1) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " duplicates in " .t.As " prevent the unique index")}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Fix or delete them first.';
{{template "end of stuck"}}
{{end}}
{{- if .t.Partitioned}}
-- CONCURRENTLY does not work on a partitioned table. So: an index on the parent
-- alone, which is invalid at first; one on each partition, concurrently; and when
-- the last one is attached, the parent's is valid.
CREATE {{if .unique}}UNIQUE {{end}}INDEX {{ident .index}}
    ON ONLY {{.t.As}}{{.tail}};
{{- range .partitions}}

CREATE {{if $.unique}}UNIQUE {{end}}INDEX CONCURRENTLY {{.Index}}
    ON {{.Table}}{{$.tail}};

ALTER INDEX {{$.qualified}}
    ATTACH PARTITION {{.Qualified}};
{{- end}}

-- Without an index on each partition, the parent's stays invalid without a word.
DO $check$
DECLARE
    lacking text;
BEGIN
    IF (SELECT NOT indisvalid FROM pg_index WHERE indexrelid = {{literal .qualified}}::regclass) THEN
        SELECT string_agg(p.inhrelid::regclass::text, ', ' ORDER BY p.inhrelid::regclass::text)
          INTO lacking
          FROM pg_inherits AS p
         WHERE p.inhparent = {{literal .t.As}}::regclass
           AND NOT EXISTS (SELECT FROM pg_inherits AS a
                             JOIN pg_index AS i ON i.indexrelid = a.inhrelid
                            WHERE a.inhparent = {{literal .qualified}}::regclass
                              AND i.indrelid = p.inhrelid
                              AND i.indisvalid);
        RAISE EXCEPTION USING
            MESSAGE = {{literal (print "the index " .qualified " is not valid: it does not cover all partitions of " .t.As)}},
            DETAIL = concat('This file does not know, and nothing has attached an index of: ', lacking),
            HINT = {{literal .fix}};
    END IF;
END
$check$;
{{- else}}
CREATE {{if .unique}}UNIQUE {{end}}INDEX CONCURRENTLY {{ident .index}}
    ON {{.t.As}}{{.tail}};
{{- if .constraint}}

-- The index is there: this is a moment's work.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .index}} UNIQUE USING INDEX {{ident .index}};
{{- end}}
{{- end}}

-- == down ==
{{- if .constraint}}
-- An up file that stopped halfway has left an index without its constraint.
SET LOCAL client_min_messages = warning;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT IF EXISTS {{ident .index}};

DROP INDEX IF EXISTS {{.qualified}};
{{- else if .t.Partitioned}}
-- Those of the partitions go with it, but for one that an up file which stopped
-- halfway has built and not attached. CONCURRENTLY does not work here.
SET LOCAL client_min_messages = warning;

DROP INDEX IF EXISTS {{.qualified}};
{{- if .partitions}}

DROP INDEX IF EXISTS {{range $i, $p := .partitions}}{{if $i}},
                     {{end}}{{.Qualified}}{{end}};
{{- end}}
{{- else}}
-- A plain DROP INDEX would wait for, and then hold up, every query of the table.
-- An up file that stopped may have left none.
DROP INDEX CONCURRENTLY IF EXISTS {{.qualified}};
{{- end}}
