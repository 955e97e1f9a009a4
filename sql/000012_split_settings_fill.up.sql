-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

-- Locks: writes to users wait for a moment; writes to rows of users wait while their
-- batch runs.

-- New and changed rows first, so that the batches below miss none. The types are
-- tested, because ->> tells no "abc" from a number before the cast fails; what
-- does not fit becomes NULL, so that no write of the application fails.
BEGIN;

CREATE FUNCTION users_settings_split()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
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

-- rung:batch key=users.id
UPDATE users
   SET email_notifications = CASE
           WHEN jsonb_typeof(settings -> 'email_notifications') = 'boolean'
           THEN (settings ->> 'email_notifications')::boolean
       END,
       dark_mode = CASE
           WHEN jsonb_typeof(settings -> 'dark_mode') = 'boolean'
           THEN (settings ->> 'dark_mode')::boolean
       END
 WHERE id BETWEEN $1 AND $2
   AND settings ?| ARRAY['email_notifications', 'dark_mode'];
