CREATE TABLE twelve (id int)
