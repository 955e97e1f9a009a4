-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean'

-- From here on the columns are what counts.
DROP TRIGGER users_settings_split ON users;

DROP FUNCTION users_settings_split();
