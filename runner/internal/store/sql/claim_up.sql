INSERT INTO :"schema".migrations
       (scope, version, name, state, up_checksum, down_checksum, up_sql, down_sql, run, rung_version, plan_hash)
VALUES (:'scope', :'version', :'name', :'state', :'up_checksum', :'down_checksum', :'up_sql', :'down_sql', :'run', :'rung_version', :'plan_hash');
