DROP VIEW happy;
DROP FUNCTION cheer(bigint);
