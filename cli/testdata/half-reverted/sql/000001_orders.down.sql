DROP INDEX CONCURRENTLY orders_user;
DROP TABLE orders, nosuch;
