-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: reads and writes of posts wait for a moment.

-- The same for every row: PostgreSQL notes it once, and touches no row.
ALTER TABLE posts
    ADD COLUMN is_deleted boolean NOT NULL DEFAULT false;
