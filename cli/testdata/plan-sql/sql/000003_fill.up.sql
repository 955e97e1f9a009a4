CREATE INDEX CONCURRENTLY users_email ON users (email);
COPY users (id, email) FROM STDIN;
1	a@example.com
2	\N
\.
