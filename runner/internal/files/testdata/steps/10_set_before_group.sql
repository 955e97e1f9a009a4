SET lock_timeout = '2s';
SET search_path = app;
BEGIN;
CREATE TABLE a (id int);
COMMIT;
