UPDATE :"schema".migrations
   SET name = :'name', up_checksum = :'up_checksum', up_sql = :'up_sql',
       down_checksum = coalesce(:'down_checksum', down_checksum), down_sql = coalesce(:'down_sql', down_sql)
 WHERE version = :'version';
