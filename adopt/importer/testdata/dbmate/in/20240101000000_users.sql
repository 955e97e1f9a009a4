-- about the users
-- migrate:up
CREATE TABLE users (id bigint PRIMARY KEY, mail text);

-- migrate:down
DROP TABLE users;
