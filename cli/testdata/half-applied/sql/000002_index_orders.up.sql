CREATE INDEX CONCURRENTLY orders_user ON orders (user_id);
-- Duplicates: this one fails.
CREATE UNIQUE INDEX CONCURRENTLY orders_id ON orders (id);
COMMENT ON TABLE orders IS 'indexed';
