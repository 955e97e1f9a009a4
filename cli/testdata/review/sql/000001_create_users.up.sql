CREATE TABLE users (id bigint PRIMARY KEY, name text, age int);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
