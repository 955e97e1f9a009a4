COPY copied FROM STDIN WITH (FORMAT csv, HEADER, NULL 'null');
id,a,b
6,"quoted, ""and"" ;","two
lines;"
7,null,\.x
\.
