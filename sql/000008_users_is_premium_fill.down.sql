-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Locks: reads and writes of orders and users wait for a moment; writes to rows of
-- users wait while their batch runs.

-- The triggers go first, or they would fill again what is reverted.
BEGIN;

DROP TRIGGER users_is_premium_after_insert ON orders;

DROP TRIGGER users_is_premium_after_update ON orders;

DROP TRIGGER users_is_premium_after_delete ON orders;

DROP TRIGGER users_is_premium_after_truncate ON orders;

DROP FUNCTION users_is_premium_derive();

COMMIT;

ALTER TABLE users
    ALTER COLUMN is_premium DROP DEFAULT;

-- rung:batch key=users.id
UPDATE users
   SET is_premium = NULL
 WHERE id BETWEEN $1 AND $2
   AND is_premium IS NOT NULL;
