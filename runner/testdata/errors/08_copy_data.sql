-- before: CREATE TABLE t (id int, a text);
CREATE TABLE b (id int);
COPY t (id, a) FROM stdin;
1	one
2	two
three	3é🐘
4	four
\.
SELECT 1;
