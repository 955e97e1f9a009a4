create table users (id bigint primary key, mail text);

---- create above / drop below ----

drop table users;
