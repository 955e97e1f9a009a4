-- Purpose: make a column NOT NULL without a scan under a strong lock
-- Parameters:
--   table: the table
--   column: the column
--   way (optional): direct (one transaction under a lock) or online (in batches); default:
--     by the table's size and use with --database-url, online without
-- Locks: direct: ACCESS EXCLUSIVE for one scan, which a table of more than 100 MB is refused.
--   online: ACCESS EXCLUSIVE for a moment, three times; the scan holds SHARE UPDATE EXCLUSIVE,
--   which lets reads and writes through.
-- Steps:
--   1. name the rows that are NULL, and stop if there are any
--   2. CHECK (column IS NOT NULL) NOT VALID: new rows are tested from here on
--   3. VALIDATE: the scan
--   4. SET NOT NULL, proved by the CHECK, which then goes
-- Example:
--   rung new require_users_email --template set-not-null --set table=users --set column=email

-- == up ==
-- rung:no-transaction
{{.t.SeesAll}}
-- Rows that do not fit are named before anything is changed.
{{template "stuck"}} {{.t.Row ""}} AS example
              FROM {{.t.As}}
             WHERE {{ident .column}} IS NULL) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || {{literal (print " rows of " .t.As " have no " .column)}},
            DETAIL = 'For example: ' || examples,
            HINT = 'Fill them first, as by --template backfill.';
{{template "end of stuck"}}

-- New and changed rows are tested from here on; old ones are not looked at yet.
ALTER TABLE {{.t.As}}
    ADD CONSTRAINT {{ident .check}} CHECK ({{ident .column}} IS NOT NULL) NOT VALID;

-- This is the scan.
ALTER TABLE {{.t.As}}
    VALIDATE CONSTRAINT {{ident .check}};

-- The valid CHECK is proof enough: no second scan. It has done its work then, and
-- would be tested again on every write.
ALTER TABLE {{.t.As}}
    ALTER COLUMN {{ident .column}} SET NOT NULL;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT {{ident .check}};

-- == down ==
-- An up file that stopped halfway has left the CHECK.
SET LOCAL client_min_messages = warning;

ALTER TABLE {{.t.As}}
    DROP CONSTRAINT IF EXISTS {{ident .check}},
    ALTER COLUMN {{ident .column}} DROP NOT NULL;
