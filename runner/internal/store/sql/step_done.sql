INSERT INTO :"schema".steps (version, direction, step, checksum, state, started_at, finished_at, run)
VALUES (:'version', :'direction', :'step', :'checksum', 'done', pg_catalog.now(), pg_catalog.clock_timestamp(), :'run');
