-- rung:no-transaction
CREATE INDEX CONCURRENTLY users_age ON users (age);
