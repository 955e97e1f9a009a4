-- Written by rung: --template json-rename-key --set table=users --set column=settings --set path=locale.lang --set to=language --set way=online

-- Locks: writes to rows of users wait while their batch runs.

-- An up file that stopped before it noted which ones had the new key has renamed none.
BEGIN;

SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS users_settings_locale_lang_renamed_before AS
SELECT id
  FROM users
 WHERE jsonb_typeof(settings #> '{locale}') = 'object'
   AND settings #> '{locale}' ? 'language';

COMMIT;

-- All but those that had the new key before.
-- rung:batch key=users.id
UPDATE users
   SET settings = jsonb_set(settings #- '{locale, language}', '{locale, lang}', settings #> '{locale, language}')
 WHERE id BETWEEN $1 AND $2
   AND jsonb_typeof(settings #> '{locale}') = 'object'
   AND settings #> '{locale}' ? 'language'
   AND NOT settings #> '{locale}' ? 'lang'
   AND NOT EXISTS (SELECT FROM users_settings_locale_lang_renamed_before AS b WHERE b.id = users.id);

DROP TABLE users_settings_locale_lang_renamed_before;
