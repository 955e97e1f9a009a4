-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: writes to rows of posts wait while their batch runs; only other DDL on posts
-- waits while an index is built.

-- The triggers have kept both right, but for what they did not see, as what a
-- subscription writes: there the flag is what counts.
-- rung:batch key=posts.id
UPDATE posts
   SET deleted_at = now()
 WHERE id BETWEEN $1 AND $2
   AND is_deleted
   AND deleted_at IS NULL;
UPDATE posts
   SET deleted_at = NULL
 WHERE id BETWEEN $1 AND $2
   AND NOT is_deleted
   AND deleted_at IS NOT NULL;
-- rung:end

BEGIN;

ALTER INDEX posts_slug_key
    RENAME TO posts_slug_key_flag;

COMMIT;

-- An up file that stopped halfway has left some of the old ones.
SET client_min_messages = warning;

DROP INDEX CONCURRENTLY IF EXISTS posts_slug_key_time;

CREATE UNIQUE INDEX CONCURRENTLY posts_slug_key
    ON posts (slug)
    WHERE deleted_at IS NULL;
