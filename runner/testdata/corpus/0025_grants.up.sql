REVOKE ALL ON users FROM PUBLIC;
GRANT SELECT (id, email), UPDATE (name) ON users TO corpus_owner;
GRANT USAGE ON SCHEMA public TO corpus_owner WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO corpus_owner;
CREATE TABLE granted (id int);
ALTER TABLE granted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON granted FOR ALL TO corpus_owner USING (id > 0) WITH CHECK (id < 10);
ALTER FUNCTION add_two(int) SET search_path = pg_catalog, public;
ALTER FUNCTION add_two(int) OWNER TO corpus_owner;
