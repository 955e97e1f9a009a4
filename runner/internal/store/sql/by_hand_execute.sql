    rung_at := pg_catalog.clock_timestamp();
    EXECUTE :{statement} USING :{first}, :{last};
    GET DIAGNOSTICS rung_rows = ROW_COUNT;
    IF rung_limit (>) interval '0' AND pg_catalog.clock_timestamp() (-) rung_at (>) rung_limit THEN
      RAISE EXCEPTION 'a statement of the batch took longer than its statement_timeout'
        USING ERRCODE = 'query_canceled', HINT = 'make the batches smaller by rows=';
    END IF;
