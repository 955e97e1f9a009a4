---- tern: disable-tx ----
create index concurrently users_mail on users (mail);
---- create above / drop below ----
---- tern: disable-tx ----
drop index concurrently users_mail;
