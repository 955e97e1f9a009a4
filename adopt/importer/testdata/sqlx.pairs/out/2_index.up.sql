-- rung:no-transaction
-- no-transaction: it is big
CREATE INDEX CONCURRENTLY users_x ON users (id);
