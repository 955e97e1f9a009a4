-- no-transaction
CREATE INDEX CONCURRENTLY users_x ON users (id);
