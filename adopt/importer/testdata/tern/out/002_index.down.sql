-- rung:no-transaction
drop index concurrently users_mail;
