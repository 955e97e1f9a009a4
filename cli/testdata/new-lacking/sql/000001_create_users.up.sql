CREATE TABLE users (id int PRIMARY KEY, nick text);
GRANT SELECT ON users TO reporting;
CREATE INDEX users_nick_idx ON users (nick) TABLESPACE fast;
GRANT CONNECT ON DATABASE app TO reporting;
