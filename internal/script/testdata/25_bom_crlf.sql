-- rung:no-transaction
SELECT 'a
b', 'lonecr';
COPY t FROM STDIN;
1
\.
SELECT 1; -- ends at CRSELECT 2;
