-- rung:no-transaction
CALL with_commit(3);
DO $$BEGIN INSERT INTO dated VALUES (4); COMMIT; INSERT INTO dated VALUES (5); END$$;
INSERT INTO dated VALUES (6);
CREATE INDEX CONCURRENTLY ON dated (id);
