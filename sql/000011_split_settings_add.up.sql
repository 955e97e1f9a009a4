-- Written by rung: --template json-split --set table=users --set column=settings --set 'keys=email_notifications boolean, dark_mode boolean' --set way=online

-- Locks: reads and writes of users wait for a moment.

-- Rows that do not fit are named before anything is changed. A key that is absent or
-- null is none of them: its column becomes NULL.
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
            HINT = 'Fix the documents, or choose other types.';
    END IF;
END
$check$;

-- Without a default and NULL in every row: this touches no row.
ALTER TABLE users
    ADD COLUMN email_notifications boolean,
    ADD COLUMN dark_mode boolean;
