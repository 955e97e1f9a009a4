-- rung:no-transaction
-- A plain SET NOT NULL scans the table while nobody may read it. Step by step,
-- each committed by itself, the scan happens under a lock that lets reads and
-- writes through, and the strong locks last a moment.

-- New and changed rows are checked from here on; old ones are not looked at yet.
ALTER TABLE users
    ADD CONSTRAINT users_is_premium_not_null CHECK (is_premium IS NOT NULL) NOT VALID;

-- This is the scan.
ALTER TABLE users
    VALIDATE CONSTRAINT users_is_premium_not_null;

-- The valid CHECK is proof enough: no second scan.
ALTER TABLE users
    ALTER COLUMN is_premium SET NOT NULL;

-- It has done its work, and would be tested again on every write.
ALTER TABLE users
    DROP CONSTRAINT users_is_premium_not_null;
