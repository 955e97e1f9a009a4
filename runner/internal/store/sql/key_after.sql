DO $rung$
#variable_conflict use_column
DECLARE
  rung_cursor pg_catalog.refcursor := 'rung_before';
  rung_row    pg_catalog.record;
  rung_gone   pg_catalog.int8 := 0;
BEGIN
  LOOP
    FETCH rung_cursor INTO rung_row;
    EXIT WHEN NOT FOUND;
    -- Of the rows that this transaction has written, those whose key no row has now.
    IF rung_row.writer OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.xid
       AND NOT EXISTS (SELECT FROM :{table} WHERE :{same}) THEN
      rung_gone := rung_gone OPERATOR(pg_catalog.+) 1;
    END IF;
  END LOOP;
  -- Without the server's counts it cannot be told whether they were deleted.
  IF rung_gone OPERATOR(pg_catalog.>) (:{deleted} OPERATOR(pg_catalog.-) pg_catalog.current_setting('rung.deleted')::pg_catalog.int8)
     AND pg_catalog.current_setting('track_counts')::pg_catalog.bool THEN
    RAISE EXCEPTION 'the batch has changed its own key' USING ERRCODE = 'RUNGK';
  END IF;
END
$rung$;
CLOSE rung_before;
