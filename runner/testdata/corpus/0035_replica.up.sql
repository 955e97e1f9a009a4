SET session_replication_role = replica;
INSERT INTO orders (user_id, total, meta) VALUES (99999, 1, '{"n": 1}');
SET row_security = off;
SELECT pg_catalog.set_config('search_path', '', false);
ALTER TABLE public.users ADD COLUMN extra text;
