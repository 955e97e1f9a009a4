INSERT INTO :"schema".log (action, version, name, checksum, run, rung_version, note)
VALUES (:'action', :'version', :'name', :'checksum', :'run', :'rung_version', :'note');
