-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

-- Locks: reads and writes of users wait for a moment; writes to rows of users wait
-- while their batch runs.

-- Rows that do not fit are named before anything is changed: a list or a number has no
-- place for a key.
DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n, format('id %s', id) || ': ' || left(settings::text, 60) AS example
              FROM users
             WHERE num_nonnulls(email_notifications, dark_mode) > 0
               AND NOT coalesce(jsonb_typeof(settings), 'null') IN ('object', 'null')) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || ' values in users.settings are no objects that could take the keys back',
            DETAIL = 'For example: ' || examples,
            HINT = 'Make them objects, or set the columns of those rows to NULL.';
    END IF;
END
$check$;

-- Meanwhile each follows the other: what is written to the columns goes into the
-- document, and what is written to the document into the columns.
BEGIN;

-- An up file that stopped halfway has left the CHECK and the trigger.
SET LOCAL client_min_messages = warning;

ALTER TABLE users
    DROP CONSTRAINT IF EXISTS users_settings_fits;

CREATE OR REPLACE FUNCTION users_settings_split()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.email_notifications IS NULL
       OR TG_OP = 'UPDATE' AND NEW.email_notifications IS NOT DISTINCT FROM OLD.email_notifications
          AND NEW.settings -> 'email_notifications' IS DISTINCT FROM OLD.settings -> 'email_notifications' THEN
        NEW.email_notifications := CASE
            WHEN jsonb_typeof(NEW.settings -> 'email_notifications') = 'boolean'
            THEN (NEW.settings ->> 'email_notifications')::boolean
        END;
    ELSIF coalesce(jsonb_typeof(NEW.settings), 'null') IN ('object', 'null') AND NEW.email_notifications IS DISTINCT FROM (CASE
        WHEN jsonb_typeof(NEW.settings -> 'email_notifications') = 'boolean'
        THEN (NEW.settings ->> 'email_notifications')::boolean
    END) THEN
        NEW.settings := CASE
            WHEN NEW.email_notifications IS NULL
            THEN NEW.settings - 'email_notifications'
            ELSE coalesce(nullif(NEW.settings, 'null'), '{}') || jsonb_build_object('email_notifications', NEW.email_notifications)
        END;
    END IF;
    IF TG_OP = 'INSERT' AND NEW.dark_mode IS NULL
       OR TG_OP = 'UPDATE' AND NEW.dark_mode IS NOT DISTINCT FROM OLD.dark_mode
          AND NEW.settings -> 'dark_mode' IS DISTINCT FROM OLD.settings -> 'dark_mode' THEN
        NEW.dark_mode := CASE
            WHEN jsonb_typeof(NEW.settings -> 'dark_mode') = 'boolean'
            THEN (NEW.settings ->> 'dark_mode')::boolean
        END;
    ELSIF coalesce(jsonb_typeof(NEW.settings), 'null') IN ('object', 'null') AND NEW.dark_mode IS DISTINCT FROM (CASE
        WHEN jsonb_typeof(NEW.settings -> 'dark_mode') = 'boolean'
        THEN (NEW.settings ->> 'dark_mode')::boolean
    END) THEN
        NEW.settings := CASE
            WHEN NEW.dark_mode IS NULL
            THEN NEW.settings - 'dark_mode'
            ELSE coalesce(nullif(NEW.settings, 'null'), '{}') || jsonb_build_object('dark_mode', NEW.dark_mode)
        END;
    END IF;
    RETURN NEW;
END
$function$;

CREATE OR REPLACE TRIGGER users_settings_split
    BEFORE INSERT OR UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION users_settings_split();

COMMIT;

-- What was written to the columns alone goes back into the documents: one key at
-- a time, and only where it differs. (jsonb_set with a NULL would wipe them.)
-- rung:batch key=users.id
UPDATE users
   SET settings = CASE
           WHEN email_notifications IS NULL
           THEN settings - 'email_notifications'
           ELSE coalesce(nullif(settings, 'null'), '{}') || jsonb_build_object('email_notifications', email_notifications)
       END
 WHERE id BETWEEN $1 AND $2
   AND coalesce(jsonb_typeof(settings), 'null') IN ('object', 'null')
   AND email_notifications IS DISTINCT FROM CASE
           WHEN jsonb_typeof(settings -> 'email_notifications') = 'boolean'
           THEN (settings ->> 'email_notifications')::boolean
       END;

-- rung:batch key=users.id
UPDATE users
   SET settings = CASE
           WHEN dark_mode IS NULL
           THEN settings - 'dark_mode'
           ELSE coalesce(nullif(settings, 'null'), '{}') || jsonb_build_object('dark_mode', dark_mode)
       END
 WHERE id BETWEEN $1 AND $2
   AND coalesce(jsonb_typeof(settings), 'null') IN ('object', 'null')
   AND dark_mode IS DISTINCT FROM CASE
           WHEN jsonb_typeof(settings -> 'dark_mode') = 'boolean'
           THEN (settings ->> 'dark_mode')::boolean
       END;

-- From here on the columns follow the document again.
CREATE OR REPLACE FUNCTION users_settings_split()
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
