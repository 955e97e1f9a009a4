CREATE TABLE t (a int, b text);
COPY t (a, b) FROM STDIN;
1	one; 'two
2	\N
\.

COPY public."T x" FROM STDIN WITH (FORMAT csv); -- the data of T
3,"\"
-- rung:not-a-directive
\.x
 \.
\.
copy t from stdin;
\.
COPY t FROM '/tmp/x'; COPY t FROM PROGRAM 'cat'; SELECT 'COPY t FROM STDIN;';
SELECT 1; COPY t FROM stdout where (a > 1); /* a */ -- b
4	four
\.