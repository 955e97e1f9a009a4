ALTER FUNCTION add_two(int) OWNER TO CURRENT_USER;
ALTER FUNCTION add_two(int) RESET search_path;
DROP TABLE granted;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM corpus_owner;
REVOKE GRANT OPTION FOR USAGE ON SCHEMA public FROM corpus_owner;
REVOKE USAGE ON SCHEMA public FROM corpus_owner;
REVOKE ALL (id, email, name) ON users FROM corpus_owner;
