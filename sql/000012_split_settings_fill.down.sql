-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

-- Locks: reads and writes of users wait for a moment; writes to rows of users wait
-- while their batch runs.

-- The trigger goes first, or it would fill again what is reverted.
BEGIN;

DROP TRIGGER users_settings_split ON users;

DROP FUNCTION users_settings_split();

COMMIT;

-- rung:batch key=users.id
UPDATE users
   SET email_notifications = NULL,
       dark_mode = NULL
 WHERE id BETWEEN $1 AND $2
   AND num_nonnulls(email_notifications, dark_mode) > 0;
