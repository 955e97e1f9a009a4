-- before: CREATE TABLE t (id int, a text);
COPY t FROM stdin WITH (FORMAT csv, HEADER);
id,a
1,"two
lines"
x,"three"
\.
