-- Written by rung: --template soft-delete --set table=posts --set way=online

-- Locks: only other DDL on posts waits for a moment.

-- What an up file that stopped halfway has not come to is not there.
SET client_min_messages = warning;

DROP INDEX CONCURRENTLY IF EXISTS posts_slug_key_flag;
