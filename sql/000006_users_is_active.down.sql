-- Written by rung: --template add-column --set table=users --set column=is_active --set type=boolean --set value=true

ALTER TABLE users
    DROP COLUMN is_active;
