DO :{tag}
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
  rung_plan  pg_catalog.json;
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
:{move_on}
    rung_begun := true;
    EXIT WHEN NOT ((:{upto}) :{above} (:{last}));
:walk
    SELECT :{selected} INTO rung_row FROM :{table}
     WHERE (:{columns}) :{above} (:{after}) AND (:{columns}) :{below} (:{upto})
     ORDER BY :{columns} LIMIT 1;
    rung_more := FOUND;
  END LOOP;
END
:{tag};
