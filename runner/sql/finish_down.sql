INSERT INTO :"schema".log (action, version, name, checksum, duration, run, rung_version)
VALUES ('down', :'version', :'name', :'checksum',
        pg_catalog.clock_timestamp() - coalesce((SELECT pg_catalog.min(started_at) FROM :"schema".steps WHERE version = :'version' AND direction = 'down'), pg_catalog.now()),
        :'run', :'rung_version');
DELETE FROM :"schema".migrations WHERE version = :'version';
