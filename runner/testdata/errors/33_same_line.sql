CREATE TABLE a (id int); /* é */ SELECT 1 AS x
; SELECT wrong	FROM a; SELECT 2; -- and more
SELECT 3;
