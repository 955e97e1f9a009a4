-- before: CREATE TABLE t (id int, a text);
COPY t FROM stdin;
1	one\
and a half
2	two\\
three	x
\.
