BEGIN;
:trusted_path
:set_role
SET LOCAL lock_timeout = '1s';
SET LOCAL statement_timeout = '2s';
SET LOCAL synchronous_commit = local;
INSERT INTO :"schema".log (scope, action, version, name, checksum, run, rung_version, note, os_user, host, job, file, line, col, step, sqlstate, message)
VALUES (:'scope', :'action', :'version', :'name', :'checksum', :'run', :'rung_version', :'note', :'os_user', :'host', :'job',
        :'file', :'line', :'col', :'step', :'sqlstate', :'message');
COMMIT;
