-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean'

-- What was written to the columns alone goes back into the documents: one key at
-- a time, and only where it differs. (jsonb_set with a NULL would wipe them.)
-- rung:batch key=users.id
UPDATE users
   SET settings = CASE WHEN email_notifications IS NULL THEN settings - 'email_notifications'
                       ELSE coalesce(settings, '{}') || jsonb_build_object('email_notifications', email_notifications) END
 WHERE id BETWEEN $1 AND $2
   AND email_notifications IS DISTINCT FROM CASE
           WHEN jsonb_typeof(settings -> 'email_notifications') = 'boolean'
           THEN (settings ->> 'email_notifications')::boolean
       END;

-- rung:batch key=users.id
UPDATE users
   SET settings = CASE WHEN dark_mode IS NULL THEN settings - 'dark_mode'
                       ELSE coalesce(settings, '{}') || jsonb_build_object('dark_mode', dark_mode) END
 WHERE id BETWEEN $1 AND $2
   AND dark_mode IS DISTINCT FROM CASE
           WHEN jsonb_typeof(settings -> 'dark_mode') = 'boolean'
           THEN (settings ->> 'dark_mode')::boolean
       END;

-- From here on the columns follow the document again.
BEGIN;

CREATE FUNCTION users_settings_split()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.email_notifications := CASE
        WHEN jsonb_typeof(NEW.settings -> 'email_notifications') = 'boolean'
        THEN (NEW.settings ->> 'email_notifications')::boolean
    END;
    NEW.dark_mode := CASE
        WHEN jsonb_typeof(NEW.settings -> 'dark_mode') = 'boolean'
        THEN (NEW.settings ->> 'dark_mode')::boolean
    END;
    RETURN NEW;
END
$function$;

CREATE TRIGGER users_settings_split
    BEFORE INSERT OR UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION users_settings_split();

COMMIT;
