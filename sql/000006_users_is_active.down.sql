-- Written by rung: --template add-column --set table=users --set column=is_active --set type=boolean --set value=true

-- Locks: reads and writes of users wait for a moment.

ALTER TABLE users
    DROP COLUMN is_active;
