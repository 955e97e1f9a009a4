INSERT INTO :"schema".log (scope, action, version, name, checksum, duration, run, rung_version, note, os_user, host, job)
VALUES (:'scope', 'down', :'version', :'name', :'checksum',
        pg_catalog.clock_timestamp() (-) coalesce((SELECT pg_catalog.min(started_at) FROM :"schema".steps WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) 'down'), pg_catalog.now()),
        :'run', :'rung_version', :'note', :'os_user', :'host', :'job');
-- Not left to ON DELETE CASCADE: SET session_replication_role = replica switches that off.
DELETE FROM :"schema".batches WHERE scope (=) :'scope' AND version (=) :'version';
DELETE FROM :"schema".steps WHERE scope (=) :'scope' AND version (=) :'version';
DELETE FROM :"schema".control WHERE scope (=) :'scope' AND version (=) :'version';
DELETE FROM :"schema".background WHERE scope (=) :'scope' AND version (=) :'version';
DELETE FROM :"schema".migrations WHERE scope (=) :'scope' AND version (=) :'version';
