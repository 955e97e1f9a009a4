-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: reads and writes of posts wait for a moment.

ALTER TABLE posts
    DROP COLUMN is_deleted;
