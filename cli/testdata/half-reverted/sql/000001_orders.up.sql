CREATE TABLE orders (id bigint, user_id bigint);
CREATE INDEX orders_user ON orders (user_id);
