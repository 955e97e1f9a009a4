BEGIN;
CREATE TABLE grouped (id int);
INSERT INTO grouped VALUES (1);
COMMIT;

INSERT INTO grouped VALUES (2);

START TRANSACTION ISOLATION LEVEL REPEATABLE READ;
INSERT INTO grouped SELECT id + 10 FROM grouped;
END;
SET search_path = pg_catalog;
BEGIN;
SET LOCAL work_mem = '1MB';
INSERT INTO public.grouped SELECT pg_catalog.count(*) FROM public.grouped;
COMMIT;
