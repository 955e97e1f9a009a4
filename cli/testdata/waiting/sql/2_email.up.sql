CREATE TABLE orders (id bigint);
COMMIT;
ALTER TABLE users ADD email text;
COMMIT;
