-- before: CREATE TABLE t (id int, a text);
COPY t FROM stdin; -- the data
1	one
2
\.
