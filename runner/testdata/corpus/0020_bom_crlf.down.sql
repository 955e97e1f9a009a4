-- bye
DROP TABLE bom_crlf;
