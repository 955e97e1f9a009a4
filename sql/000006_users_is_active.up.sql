-- Written by rung: --template add-column --set table=users --set column=is_active --set type=boolean --set value=true

-- Locks: reads and writes of users wait for a moment.

-- The same for every row: PostgreSQL notes it once, and touches no row.
ALTER TABLE users
    ADD COLUMN is_active boolean NOT NULL DEFAULT true;
