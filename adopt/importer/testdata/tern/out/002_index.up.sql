-- rung:no-transaction
create index concurrently users_mail on users (mail);
