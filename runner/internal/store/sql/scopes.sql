SELECT scope, pg_catalog.max(version) AS at, pg_catalog.count(*) AS n,
       :{digest} AS digest
  FROM :"schema".applied
 GROUP BY scope
