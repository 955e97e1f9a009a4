CREATE TABLE users (id int PRIMARY KEY, email text DEFAULT '', note text);
CREATE INDEX users_email ON users (email);
INSERT INTO users VALUES (1, 'a@example.com', 'keep me'), (2, 'b@example.com', NULL);
GRANT SELECT ON users TO verify_reporting;
