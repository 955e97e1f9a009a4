-- rung:no-transaction
CREATE TABLE a (id int);
INSERT INTO a VALUES (1);
CALL fill(1, 2);
DO $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO a VALUES (i); COMMIT; END LOOP; END $$;
DO $$ BEGIN CREATE TEMP TABLE x ON COMMIT DROP AS SELECT 1 AS committed, 2 AS rollback_done; END $$;
CLUSTER parted USING i;
REINDEX TABLE parted;
SELECT pg_create_logical_replication_slot('s', 'pgoutput');
