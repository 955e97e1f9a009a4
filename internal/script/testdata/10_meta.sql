\restrict aB3
\set x 1
SELECT 1 \gexec
SELECT 2 \; SELECT 3;
 \restrict indented
SELECT 1; \restrict after
SELECT 2;\restrict right_after
\i other.sql 'it
\restrict two words
\copy t from 'x'
SELECT '\restrict inside
\restrict inside
';
SELECT
\restrict inside
1;
\.
\
\\
\c db
\unrestrict aB3
