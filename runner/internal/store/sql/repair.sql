UPDATE :"schema".migrations
   SET name = :'name', up_checksum = :'up_checksum', up_sql = :'up_sql',
       down_checksum = coalesce(:'down_checksum', down_checksum), down_sql = CASE WHEN :'down_checksum' IS NULL THEN down_sql ELSE :'down_sql' END
 WHERE scope = :'scope' AND version = :'version';
