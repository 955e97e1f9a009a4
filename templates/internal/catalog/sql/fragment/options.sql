-- :options(attoptions) is the settings of a column that a user made, as text, or NULL.
-- It leaves out what the server keeps for itself among them, and pg_dump does not print:
-- pg_attver, another number after each change, is in security releases of
-- 13 November 2026. No user can set what begins with pg_.
(SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM pg_catalog.unnest($1) AS o WHERE NOT pg_catalog.starts_with(o, 'pg_'))
