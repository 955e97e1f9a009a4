INSERT INTO :"schema".log (scope, action, version, name, checksum, run, rung_version, note, os_user, host, job)
VALUES (:'scope', :'action', :'version', :'name', :'checksum', :'run', :'rung_version', :'note', :'os_user', :'host', :'job');
