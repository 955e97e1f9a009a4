-- Counting a user's orders reads the whole table without it.
-- CONCURRENTLY, so that orders come in while it is built. PostgreSQL refuses
-- that inside a transaction, hence a file with nothing else in it.
CREATE INDEX CONCURRENTLY orders_user_id_idx
    ON orders (user_id);
