-- rung:no-transaction
DROP INDEX CONCURRENTLY users_x;
