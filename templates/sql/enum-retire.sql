-- Purpose: stop using values of an enum type on big tables, without a long lock
-- Parameters:
--   type: the enum type
--   map: where the rows of the values that go belong, like cancelled=done; the values stay in the type, unused
--   values (optional): the enum values that are left, in order, to confirm the result
-- Locks: each table for a moment, several times; the rows of one batch at a time;
--   the scan that proves the end lets reads and writes through.
-- Steps:
--   1. retire: a row that a CHECK or a unique index would refuse with its new value stops it; a trigger turns the
--      values into others in whatever is written from here on; the old rows follow in batches; a CHECK proves that
--      none is left. A side table keeps which row had which value for the down migration.
--   2. contract, when nobody writes the old values any more: the trigger and the side table go
--   The batches fire the table's own UPDATE triggers.
--   The down migration cannot tell two kinds of rows from those that were changed: one that left the new value and returned to
--   it on purpose, and one whose INSERT of an old value lost to ON CONFLICT. Both get the old value. A row whose
--   key has changed since keeps the new one.
-- Example:
--   rung new retire_cancelled --template enum-retire --set type=status --set map=cancelled=done

-- == retire up ==
{{- range .columns}}
{{- .T.SeesAll}}
{{- with .Refused}}

-- A row that a constraint would refuse with its new value stops this: from the
-- trigger on, live writes would fail of it too.
{{.}}
{{- end}}
{{- if .NewDefault}}

ALTER TABLE {{.T.As}}
    ALTER COLUMN {{.Column}} SET DEFAULT {{.NewDefault}};
{{- end}}

-- Which row had which value: the down migration needs it.
CREATE TABLE {{.Side}} (
    {{.KeyColumns}},
    {{.Column}} text NOT NULL,
    PRIMARY KEY ({{.T.KeyList}})
);

-- From here on nobody can write the values that go. It runs as its owner, since
-- who writes the table need not have rights on the side table.
CREATE FUNCTION {{.Function}}() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS {{.Quote}}
#variable_conflict use_column
BEGIN
    INSERT INTO {{.Side}} ({{.T.KeyList}}, {{.Column}})
    VALUES ({{.KeyOf "NEW"}}, NEW.{{.Column}}::text)
        ON CONFLICT ({{.T.KeyList}}) DO UPDATE SET {{.Column}} = excluded.{{.Column}};
    NEW.{{.Column}} := {{.Becomes (print "NEW." .Column) 4}};
    RETURN NEW;
END
{{.Quote}};

CREATE TRIGGER {{.Trigger}}
    BEFORE INSERT OR UPDATE ON {{.T.As}}
    FOR EACH ROW
    WHEN (NEW.{{.Column}} IN ({{.Dead}}))
    EXECUTE FUNCTION {{.Function}}();

-- Also for what a subscription writes: the CHECK below would refuse it.
ALTER TABLE {{.T.As}}
    ENABLE ALWAYS TRIGGER {{.Trigger}};

-- The rows that are there already. Locked first, so that none changes in between.
-- rung:batch key={{.Batch}}
INSERT INTO {{.Side}} ({{.T.KeyList}}, {{.Column}})
SELECT {{.T.KeyList}}, {{.Column}}::text
  FROM {{.T.As}}
 WHERE {{.T.InBatch ""}}
   AND {{.Column}} IN ({{.Dead}})
 ORDER BY {{.T.KeyList}}
   FOR NO KEY UPDATE
    ON CONFLICT ({{.T.KeyList}}) DO UPDATE SET {{.Column}} = excluded.{{.Column}};
UPDATE {{.T.As}}
   SET {{.Column}} = {{.Becomes .Column 7}}
 WHERE {{.T.InBatch ""}}
   AND {{.Column}} IN ({{.Dead}});
-- rung:end

ALTER TABLE {{.T.As}}
    ADD CONSTRAINT {{.Check}} CHECK ({{.Column}} NOT IN ({{.Dead}})) NOT VALID;

-- The proof that no row is left.
ALTER TABLE {{.T.As}}
    VALIDATE CONSTRAINT {{.Check}};
{{- end}}

-- == retire down ==
{{- range .columns}}
{{- .T.SeesAll}}

-- What up has not come to is not there.
ALTER TABLE {{.T.As}}
    DROP CONSTRAINT IF EXISTS {{.Check}};

DROP TRIGGER IF EXISTS {{.Trigger}} ON {{.T.As}};

DROP FUNCTION IF EXISTS {{.Function}}();

CREATE TABLE IF NOT EXISTS {{.Side}} (
    {{.KeyColumns}},
    {{.Column}} text NOT NULL,
    PRIMARY KEY ({{.T.KeyList}})
);

-- Rows get their values back, unless they have got another one since.
-- rung:batch key={{.SideBatch}}
UPDATE {{.T.As}} AS t
   SET {{.Column}} = b.{{.Column}}::{{.Type}}
  FROM {{.Side}} AS b
 WHERE {{.T.InBatch "b"}}
   AND {{.T.On "t" "b"}}
   AND t.{{.Column}} = {{.Becomes (print "b." .Column "::" .Type) 7}};

DROP TABLE {{.Side}};
{{- if .Default}}

ALTER TABLE {{.T.As}}
    ALTER COLUMN {{.Column}} SET DEFAULT {{.Default}};
{{- end}}
{{- end}}

-- == contract up ==
-- For when no program writes {{enumvalues .dead}} any more: from here on
-- that is an error. The CHECK stays.
{{- range .columns}}
DROP TRIGGER {{.Trigger}} ON {{.T.As}};
DROP FUNCTION {{.Function}}();
DROP TABLE {{.Side}};
{{- end}}

-- == contract down ==
-- rung:irreversible which row had which value is not kept any longer
