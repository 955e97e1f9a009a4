-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Locks: reads and writes of users wait for a moment.

-- Without a default and NULL in every row: this touches no row.
ALTER TABLE users
    ADD COLUMN is_premium boolean;
