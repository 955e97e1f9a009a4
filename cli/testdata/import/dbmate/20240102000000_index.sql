-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY users_mail ON users (mail);

-- migrate:down
DROP INDEX users_mail;
