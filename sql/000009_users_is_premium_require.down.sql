-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Locks: reads and writes of users wait for a moment.

BEGIN;

-- An up file that stopped halfway has left the CHECK.
SET LOCAL client_min_messages = warning;

ALTER TABLE users
    DROP CONSTRAINT IF EXISTS users_is_premium_is_not_null,
    ALTER COLUMN is_premium DROP NOT NULL;

COMMIT;
