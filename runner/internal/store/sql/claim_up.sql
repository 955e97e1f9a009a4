INSERT INTO :"schema".migrations
       (version, name, state, up_checksum, down_checksum, up_sql, down_sql, run, rung_version, plan_hash)
VALUES (:'version', :'name', :'state', :'up_checksum', :'down_checksum', :'up_sql', :'down_sql', :'run', :'rung_version', :'plan_hash');
