-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true --set way=online

-- Without a default and NULL in every row: this touches no row.
ALTER TABLE users
    ADD COLUMN is_premium boolean;
