-- the first migration, as many directories begin
begin;

create table users (
    id bigserial primary key,
    email text not null unique,
    name varchar(255) default 'no''body',
    is_admin boolean not null default false
);

create table if not exists orders (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    total numeric(12,2) check (total >= 0),
    meta jsonb not null default '{}'::jsonb
);

insert into users (email, name) values ('ann@example.com', 'Ann'), ('bob@example.com', 'Bob; the "builder"');
insert into orders (user_id, total, meta) select id, id * 10.5, jsonb_build_object('n', id) from users;

commit;
