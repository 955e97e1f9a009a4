DO $rung$
DECLARE
:{declare}
  rung_began timestamptz;
  rung_rows  bigint;
BEGIN
:{start}
  WHILE rung_first_1 IS NOT NULL LOOP
    IF NOT pg_catalog.pg_try_advisory_xact_lock(:'lock_key') THEN
      RAISE EXCEPTION 'a runner is at work on this database';
    END IF;
    SELECT :{columns} INTO :{last} FROM :{table}
     WHERE (:{columns}) >= (:{first}) AND (:{columns}) <= (:{upto})
     ORDER BY :{columns} OFFSET :{rows} - 1 LIMIT 1;
    IF NOT FOUND THEN
:{reach_the_end}
    END IF;
    rung_began := pg_catalog.clock_timestamp();
:{statements}
    INSERT INTO :"schema".batches (version, direction, step, after_key, first_key, last_key, keys, rows, duration, run)
    VALUES (:'version', :'direction', :'step', :{after_text}, :{first_text}, :{last_text}, :{rows}, rung_rows, pg_catalog.clock_timestamp() - rung_began, :'run');
    COMMIT;
:{move_on}
    EXIT WHEN (:{last}) = (:{upto});
    SELECT :{columns} INTO :{first} FROM :{table}
     WHERE (:{columns}) > (:{after}) AND (:{columns}) <= (:{upto})
     ORDER BY :{columns} LIMIT 1;
  END LOOP;
END
$rung$;
