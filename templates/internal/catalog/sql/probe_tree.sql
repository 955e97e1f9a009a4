-- How the server reads the expression of the rule on the probe.
SELECT ev_action FROM pg_catalog.pg_rewrite WHERE ev_class = 'pg_temp.rung_probe'::regclass
