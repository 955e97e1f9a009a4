BEGIN;
CREATE TABLE bom_crlf (id int);
COMMIT;
