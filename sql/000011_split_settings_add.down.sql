-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

ALTER TABLE users
    DROP COLUMN email_notifications,
    DROP COLUMN dark_mode;
