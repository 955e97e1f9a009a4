-- several in a row
CREATE INDEX CONCURRENTLY orders_total ON orders (total) WHERE total > 0;
CREATE UNIQUE INDEX CONCURRENTLY ON users (lower(email));
create index concurrently "odd;index" on orders using gin (meta jsonb_path_ops);
