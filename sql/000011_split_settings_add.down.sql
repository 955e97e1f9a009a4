-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

-- Locks: reads and writes of users wait for a moment.

ALTER TABLE users
    DROP COLUMN email_notifications,
    DROP COLUMN dark_mode;
