CREATE TABLE b (id int);
SELECT 1; SELECT 1 / n
  FROM (VALUES (1), (0)) AS v (n);
SELECT 2;
