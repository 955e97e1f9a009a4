-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Locks: reads and writes of users wait for a moment.

ALTER TABLE users
    DROP COLUMN is_premium;
