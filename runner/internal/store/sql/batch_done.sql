INSERT INTO :"schema".batches (scope, version, direction, step, after_key, first_key, last_key, keys, rows, duration, run)
VALUES (:'scope', :'version', :'direction', :'step', :'after_key', :'first_key', :'last_key', :'keys', :'rows',
        pg_catalog.clock_timestamp() (-) pg_catalog.now(), :'run');
