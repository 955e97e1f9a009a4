-- Written by rung: --template json-rename-key --set table=users --set column=settings --set path=locale.lang --set to=language --set way=online

-- Locks: writes to rows of users wait while their batch runs.

-- Documents with both keys keep both: which one counts, only a person can tell.
DO $check$
#variable_conflict use_column
DECLARE
    many bigint;
    examples text;
BEGIN
    SELECT count(*), string_agg(example, '; ') FILTER (WHERE n <= 5)
      INTO many, examples
      FROM (SELECT row_number() OVER () AS n, format('id %s', id) AS example
              FROM users
             WHERE jsonb_typeof(settings #> '{locale}') = 'object'
               AND settings #> '{locale}' ? 'lang'
               AND settings #> '{locale}' ? 'language') AS stuck;
    IF many > 0 THEN
        RAISE WARNING USING
            MESSAGE = many || ' documents in users.settings have both keys, and are left as they are',
            DETAIL = 'For example: ' || examples;
    END IF;
END
$check$;

-- Which documents have the new key already, all of them before the first one is
-- renamed: the down migration may begin where this has stopped. A later migration may drop it.
BEGIN;

CREATE TABLE users_settings_locale_lang_renamed_before AS
SELECT id
  FROM users
 WHERE jsonb_typeof(settings #> '{locale}') = 'object'
   AND settings #> '{locale}' ? 'language';

ALTER TABLE users_settings_locale_lang_renamed_before
    ADD PRIMARY KEY (id);

COMMIT;

-- The first statement locks the rows, so that nobody changes them in between.
-- rung:batch key=users.id
SELECT id
  FROM users
 WHERE id BETWEEN $1 AND $2
 ORDER BY id
   FOR NO KEY UPDATE;
INSERT INTO users_settings_locale_lang_renamed_before
SELECT id
  FROM users
 WHERE id BETWEEN $1 AND $2
   AND jsonb_typeof(settings #> '{locale}') = 'object'
   AND settings #> '{locale}' ? 'language'
    ON CONFLICT DO NOTHING;
UPDATE users
   SET settings = jsonb_set(settings #- '{locale, lang}', '{locale, language}', settings #> '{locale, lang}')
 WHERE id BETWEEN $1 AND $2
   AND jsonb_typeof(settings #> '{locale}') = 'object'
   AND settings #> '{locale}' ? 'lang'
   AND NOT EXISTS (SELECT FROM users_settings_locale_lang_renamed_before AS b WHERE b.id = users.id);
-- rung:end
