-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Locks: reads and writes of users wait for a moment; only other DDL on users waits
-- while the rows are checked.

-- rung:no-transaction

-- New and changed rows are tested from here on; old ones are not looked at yet.
ALTER TABLE users
    ADD CONSTRAINT users_is_premium_is_not_null CHECK (is_premium IS NOT NULL) NOT VALID;

-- This is the scan.
ALTER TABLE users
    VALIDATE CONSTRAINT users_is_premium_is_not_null;

-- The valid CHECK is proof enough: no second scan. It has done its work then.
BEGIN;

ALTER TABLE users
    ALTER COLUMN is_premium SET NOT NULL;

ALTER TABLE users
    DROP CONSTRAINT users_is_premium_is_not_null;

COMMIT;
