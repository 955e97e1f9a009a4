-- before: CREATE TABLE users (id int, status text);
CREATE TABLE b (id int);

UPDATE users
   SET status = 'é',	statu = 'x';
SELECT 1;
