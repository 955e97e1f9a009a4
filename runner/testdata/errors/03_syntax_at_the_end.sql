CREATE TABLE b (id int);
SELECT 1 +
-- and what?
