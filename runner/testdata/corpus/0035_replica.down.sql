SET session_replication_role = replica;
BEGIN;
DELETE FROM orders WHERE user_id = 99999;
COMMIT;
ALTER TABLE users DROP COLUMN extra;
