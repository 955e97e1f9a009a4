-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: only other DDL on posts waits for a moment.

-- The indexes with the flag say what the old ones did.
BEGIN;

ALTER INDEX posts_slug_key
    RENAME TO posts_slug_key_time;

ALTER INDEX posts_slug_key_flag
    RENAME TO posts_slug_key;

COMMIT;

DROP INDEX CONCURRENTLY posts_slug_key_time;
