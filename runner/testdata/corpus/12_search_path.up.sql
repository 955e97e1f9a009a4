CREATE SCHEMA app;
SET search_path TO app, public;
SET work_mem = '16MB';
SET client_min_messages TO warning;
CREATE TABLE in_app (id int PRIMARY KEY, u bigint REFERENCES users);
INSERT INTO in_app SELECT id, id FROM users;
