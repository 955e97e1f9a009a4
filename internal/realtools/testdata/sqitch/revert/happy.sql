-- Revert shop:happy from pg

BEGIN;

DROP VIEW happy;
DROP FUNCTION cheer(bigint);

COMMIT;
