SELECT 0;
BEGIN;
SELECT 1;
SET LOCAL transaction_isolation = 'serializable';
COMMIT;
