--! Previous: sha1:3d05f5f5
--! Hash: sha1:69a0a0a0
--! Message: An index

--! no-transaction
CREATE INDEX CONCURRENTLY users_t ON users (t);
