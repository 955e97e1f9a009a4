-- Written by rung: --template soft-delete --set table=posts

-- The old indexes go before the trigger: without it they do not know what the flag
-- alone deletes.
DROP INDEX CONCURRENTLY posts_slug_key;

ALTER INDEX posts_slug_key_flag
    RENAME TO posts_slug_key;

-- From here on the flag is what counts.
BEGIN;

DROP TRIGGER posts_is_deleted_follow ON posts;

DROP FUNCTION posts_is_deleted_follow();

COMMIT;
