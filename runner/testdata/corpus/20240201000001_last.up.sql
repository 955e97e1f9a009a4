CREATE TABLE last (id int);
CREATE MATERIALIZED VIEW everything AS SELECT count(*) FROM users;
COMMENT ON SCHEMA public IS 'the end';
