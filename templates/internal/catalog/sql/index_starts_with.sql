-- Whether a whole index of a table ($1) starts with a column ($2).
SELECT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                 JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = $1 AND i.indpred IS NULL AND a.attname = $2)
