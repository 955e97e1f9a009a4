CREATE TABLE users (id bigint PRIMARY KEY, age int CHECK (age > 0));
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users DEFERRABLE INITIALLY DEFERRED);
