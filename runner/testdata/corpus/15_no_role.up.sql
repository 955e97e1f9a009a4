CREATE TABLE not_owned (who text DEFAULT current_user);
INSERT INTO not_owned DEFAULT VALUES;
SET SESSION AUTHORIZATION corpus_owner;
SELECT current_user, session_user;
