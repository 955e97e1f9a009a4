INSERT INTO :"schema".batches (version, direction, step, after_key, first_key, last_key, keys, rows, duration, run)
VALUES (:'version', :'direction', :'step', :'after_key', :'first_key', :'last_key', :'keys', :'rows',
        pg_catalog.clock_timestamp() (-) pg_catalog.now(), :'run');
