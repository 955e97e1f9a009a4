CREATE TABLE orders (id bigint, user_id bigint);
INSERT INTO orders SELECT 1, 1 FROM generate_series(1, 2);
