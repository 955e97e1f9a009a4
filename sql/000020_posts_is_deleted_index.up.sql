-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: only other DDL on posts waits while an index is built.

-- One for each index with the time in its condition.
CREATE UNIQUE INDEX CONCURRENTLY posts_slug_key_flag
    ON posts (slug)
    WHERE NOT is_deleted;
