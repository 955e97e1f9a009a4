DO $rung$
DECLARE
:{declare}
  rung_row   pg_catalog.record;
  rung_more  boolean;
  rung_begun boolean := false;
  rung_limit interval;
  rung_at    timestamp with time zone;
  rung_keys  bigint;
  rung_rows  bigint;
  rung_key   pg_catalog.text;
  rung_percent  double precision;
  rung_estimate bigint;
  rung_types    pg_catalog.text[];
  rung_numbers  bigint[];
  rung_oid      pg_catalog.oid;
  rung_all_keys bigint := 0;
  rung_all_rows bigint := 0;
BEGIN
:walk
:start
  WHILE rung_more LOOP
:{set_first}
    rung_keys := :'size';
    SELECT :{selected} INTO rung_row FROM :{table}
     WHERE (:{columns}) :{upfrom} (:{first}) AND (:{columns}) :{below} (:{upto})
     ORDER BY :{columns} OFFSET :'size' (-) 1 LIMIT 1;
    IF FOUND THEN
:{set_last}
    ELSE
:{reach_the_end}
      SELECT pg_catalog.count(*) INTO rung_keys FROM :{table}
       WHERE (:{columns}) :{upfrom} (:{first}) AND (:{columns}) :{below} (:{upto});
    END IF;
:begin
:fence
:as_file
    rung_limit := pg_catalog.current_setting('statement_timeout')::interval;
:statements
:as_record
:done
    rung_all_keys := rung_all_keys OPERATOR(pg_catalog.+) rung_keys;
    rung_all_rows := rung_all_rows OPERATOR(pg_catalog.+) rung_rows;
:{move_on}
    rung_begun := true;
    EXIT WHEN NOT ((:{upto}) :{above} (:{last}));
:walk
    SELECT :{selected} INTO rung_row FROM :{table}
     WHERE (:{columns}) :{above} (:{after}) AND (:{columns}) :{below} (:{upto})
     ORDER BY :{columns} LIMIT 1;
    rung_more := FOUND;
  END LOOP;
  RAISE NOTICE '% keys walked, % rows changed', rung_all_keys, rung_all_rows;
  IF rung_all_keys OPERATOR(pg_catalog.>) 0 AND rung_all_rows OPERATOR(pg_catalog.=) 0 AND :{changes} THEN
    RAISE WARNING 'no row changed: expected if nothing was left to change; otherwise check the bounds of the batch';
  ELSIF rung_all_rows OPERATOR(pg_catalog.>) (rung_all_keys OPERATOR(pg_catalog.+) (rung_all_keys OPERATOR(pg_catalog./) 10)) AND :{changes} AND NOT :{inserts} THEN
    RAISE WARNING 'more rows changed than there are keys: expected if each key has several rows, as in another table; otherwise the bounds of the batch overlap';
  END IF;
END
$rung$;
