-- Written by rung: --template derived-column --set table=users --set column=is_premium --set source=orders --set 'value=count(*) > 10' --set keep=true

ALTER TABLE users
    ALTER COLUMN is_premium DROP NOT NULL;
