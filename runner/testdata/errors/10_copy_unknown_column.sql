-- before: CREATE TABLE t (id int, a text);
SELECT 1;
/* why */ COPY t (id,
  b) FROM stdin;
1	one
\.
