-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: reads and writes of posts wait for a moment; writes to rows of posts wait
-- while their batch runs.

-- The triggers go first, or they would take the times away with the flags.
BEGIN;

DROP TRIGGER posts_is_deleted_insert ON posts;

DROP TRIGGER posts_is_deleted_follow ON posts;

DROP FUNCTION posts_is_deleted_follow();

COMMIT;

-- rung:batch key=posts.id
UPDATE posts
   SET is_deleted = false
 WHERE id BETWEEN $1 AND $2
   AND is_deleted;
