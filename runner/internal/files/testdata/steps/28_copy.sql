SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE t (a text);
COPY t (a) FROM stdin;
BEGIN;
COMMIT;
\.
ALTER TABLE t ADD PRIMARY KEY (a);
