-- rung:no-transaction
BEGIN;
SAVEPOINT in_group;
RELEASE in_group;
COMMIT;
SAVEPOINT outside;
INSERT INTO t VALUES (1);
