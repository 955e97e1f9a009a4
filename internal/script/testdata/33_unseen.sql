SELECT 1;
SELECT a​b, 2  FROM t -- a comment
 WHERE x = ' ' AND "a b" = $$​$$ /* ‮ */‮;
SELECT näme, 名﻿;
　SELECT 3;
SELECT 1 + 2;
