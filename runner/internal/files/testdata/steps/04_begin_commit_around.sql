-- a comment above
BEGIN;
CREATE TABLE a (id int);
INSERT INTO a VALUES (1);
COMMIT;
-- and below
