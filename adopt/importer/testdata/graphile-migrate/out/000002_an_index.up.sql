-- rung:no-transaction
-- An index

CREATE INDEX CONCURRENTLY users_t ON users (t);
