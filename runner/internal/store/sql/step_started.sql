INSERT INTO :"schema".steps (scope, version, direction, step, checksum, state, run, prior_indexes)
VALUES (:'scope', :'version', :'direction', :'step', :'checksum', 'started', :'run',
        (SELECT pg_catalog.array_agg(indexrelid)
           FROM pg_catalog.pg_index
          WHERE indrelid (=) :{table} OR :'verb' (=) 'REINDEX CONCURRENTLY' AND NOT indisvalid));
