CREATE TABLE copied (id int, a text, b text);
COPY copied (id, a, b) FROM stdin;
1	tab\there	back\\slash
2	\N	new\nline
3		\\.
4	;	'$$"/*--
5	\x41\101🐘	é
\.
COPY copied FROM stdin (DELIMITER '|');
8|a\|b|c
\.
COPY copied FROM stdin;
\.
COPY public.copied (a) FROM STDIN WHERE a <> 'not'; -- and a comment
yes
not
\.
INSERT INTO copied VALUES (9);
