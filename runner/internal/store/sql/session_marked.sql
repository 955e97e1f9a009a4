SELECT coalesce(pg_catalog.current_setting('rung.session', true), '') (=) :'nonce';
