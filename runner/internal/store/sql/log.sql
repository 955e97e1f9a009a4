INSERT INTO :"schema".log (action, version, name, checksum, run, rung_version, note, os_user, host, job)
VALUES (:'action', :'version', :'name', :'checksum', :'run', :'rung_version', :'note', :'os_user', :'host', :'job');
