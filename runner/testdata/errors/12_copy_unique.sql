-- before: CREATE TABLE t (id int PRIMARY KEY);
COPY t FROM stdin;
1
2
1
\.
