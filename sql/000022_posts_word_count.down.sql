-- Written by rung: --template add-column --set table=posts --set column=word_count --set type=integer --set 'value=cardinality(regexp_split_to_array(body, '\''\s+'\''))' --set default=0 --set way=direct

-- posts is locked for a moment, and no row is looked at.
SET LOCAL lock_timeout = '200ms';
ALTER TABLE posts
    DROP COLUMN word_count;
