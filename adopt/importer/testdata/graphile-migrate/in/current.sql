-- Enter migration here
CREATE TABLE unfinished (id int);
