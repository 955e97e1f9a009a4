INSERT INTO :"schema".steps (scope, version, direction, step, checksum, state, started_at, finished_at, run)
VALUES (:'scope', :'version', :'direction', :'step', :'checksum', 'done', pg_catalog.now(), pg_catalog.clock_timestamp(), :'run');
