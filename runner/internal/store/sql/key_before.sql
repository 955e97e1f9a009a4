SELECT pg_catalog.set_config('rung.deleted', :{deleted}::pg_catalog.text, true);
DECLARE rung_before NO SCROLL CURSOR FOR
  SELECT :{named}xmax AS writer FROM :{table} WHERE :{range} ORDER BY :{columns} LIMIT :{most};
