CREATE TABLE crlf (
    id int,
    -- a comment;
    a text DEFAULT 'x'
);

INSERT INTO crlf
VALUES (1);
COPY crlf FROM stdin;
2	two
3	\N
\.
