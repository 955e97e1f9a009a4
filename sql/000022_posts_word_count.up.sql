-- Written by rung: --template add-column --set table=posts --set column=word_count --set type=integer --set 'value=cardinality(regexp_split_to_array(body, '\''\s+'\''))' --set default=0 --set way=direct

-- Locks: reads and writes of posts wait until all of this has committed: some 2 ms for
-- the rows of the day on which it was written.

SET LOCAL lock_timeout = '200ms';
SET LOCAL statement_timeout = '2s';
LOCK TABLE posts IN ACCESS EXCLUSIVE MODE;
DO $check$ BEGIN
    IF pg_total_relation_size('posts') > 10485760 THEN
        RAISE EXCEPTION 'posts has grown beyond 10 MB: write this again with --set way=online';
    END IF;
END $check$;

ALTER TABLE posts
    ADD COLUMN word_count integer;

UPDATE posts
   SET word_count = cardinality(regexp_split_to_array(body, '\s+'));

ALTER TABLE posts
    ALTER COLUMN word_count SET DEFAULT 0,
    ALTER COLUMN word_count SET NOT NULL;
