-- Written by rung: --template add-column --set table=posts --set column=word_count --set type=integer --set 'value=cardinality(regexp_split_to_array(body, '\''\s+'\''))' --set default=0 --set way=direct

-- Locks: reads and writes of posts wait for a moment.

SET LOCAL lock_timeout = '200ms';
ALTER TABLE posts
    DROP COLUMN word_count;
