COPY users FROM STDIN;
1	a
2	${b}
\.
