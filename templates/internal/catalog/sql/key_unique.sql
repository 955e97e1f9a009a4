-- Whether a foreign key can refer to the columns ($2) of a table ($1).
SELECT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
                  AND (SELECT array_agg(a.attname::text ORDER BY a.attname)
                         FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
                      = (SELECT array_agg(x ORDER BY x) FROM unnest($2::text[]::name[]::text[]) AS x))
