-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

-- Locks: reads and writes of users wait for a moment.

-- rung:no-transaction

-- What does not fit and came since the columns were added is NULL in them, and
-- while the document counts, that is no loss yet.
DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n, format('id %s', t.id) || ': ' || k.name || ' is ' || left(k.value::text, 60) AS example
              FROM users AS t
             CROSS JOIN LATERAL (VALUES
                    ('email_notifications', t.settings -> 'email_notifications', jsonb_typeof(t.settings -> 'email_notifications') = 'boolean'),
                    ('dark_mode', t.settings -> 'dark_mode', jsonb_typeof(t.settings -> 'dark_mode') = 'boolean')) AS k (name, value, fits)
             WHERE jsonb_typeof(k.value) <> 'null'
               AND k.fits IS NOT TRUE) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || ' values in users.settings do not fit their columns',
            DETAIL = 'For example: ' || examples,
            HINT = 'Fix the documents: until the trigger goes, the columns follow.';
    END IF;
END
$check$;

-- And once more, when no more of them can come: those of writers that were still at
-- it are seen now. From here on a write of such a document fails.
ALTER TABLE users
    ADD CONSTRAINT users_settings_fits CHECK (
           (coalesce(jsonb_typeof(settings -> 'email_notifications'), 'null') = 'null'
            OR (jsonb_typeof(settings -> 'email_notifications') = 'boolean') IS TRUE)
       AND (coalesce(jsonb_typeof(settings -> 'dark_mode'), 'null') = 'null'
            OR (jsonb_typeof(settings -> 'dark_mode') = 'boolean') IS TRUE)) NOT VALID;

DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n, format('id %s', t.id) || ': ' || k.name || ' is ' || left(k.value::text, 60) AS example
              FROM users AS t
             CROSS JOIN LATERAL (VALUES
                    ('email_notifications', t.settings -> 'email_notifications', jsonb_typeof(t.settings -> 'email_notifications') = 'boolean'),
                    ('dark_mode', t.settings -> 'dark_mode', jsonb_typeof(t.settings -> 'dark_mode') = 'boolean')) AS k (name, value, fits)
             WHERE jsonb_typeof(k.value) <> 'null'
               AND k.fits IS NOT TRUE) AS stuck;
    IF many > 0 THEN
        RAISE EXCEPTION USING
            MESSAGE = many || ' values in users.settings do not fit their columns',
            DETAIL = 'For example: ' || examples,
            HINT = 'Fix the documents, and run this again: new ones are refused already.';
    END IF;
END
$check$;

-- From here on the columns are what counts.
BEGIN;

DROP TRIGGER users_settings_split ON users;

DROP FUNCTION users_settings_split();

ALTER TABLE users
    DROP CONSTRAINT users_settings_fits;

COMMIT;
