-- a plain file is one transaction
CREATE TABLE a (id int);
INSERT INTO a VALUES (1);

CREATE INDEX ON a (id)
