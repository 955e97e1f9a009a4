SELECT scope, pg_catalog.max(version) AS at, pg_catalog.count(*) AS n,
       pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws('|', version, name, state, up_checksum, down_checksum, has_down_sql), ',' ORDER BY version)) AS digest
  FROM :"schema".applied
 GROUP BY scope
