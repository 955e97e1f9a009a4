COPY t FROM STDIN; SELECT 1;
1
\.
COPY t FROM STDIN; /* goes
on */
\.
COPY t TO STDOUT;
COPY (SELECT 1) TO stdin;
COPY t FROM STDIN WITH (FORMAT 'binary');
\.
COPY BINARY t FROM STDIN;
\.
COPY t FROM STDIN BINARY;
\.
COPY t (format, "binary") FROM STDIN;
\.
COPY t FROM STDIN; -- rung:batch key=t.a
\.
COPY t FROM STDIN
\.
;
COPY t FROM STDIN;
no end
 \.
