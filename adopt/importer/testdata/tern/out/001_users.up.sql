create table users (id bigint primary key, mail text);
