(SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute WHERE attrelid (=) ANY (ARRAY[:{tables}]::pg_catalog.oid[]) AND attnum (>) 0::pg_catalog.int2 AND NOT attisdropped)
