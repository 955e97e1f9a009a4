CREATE SCHEMA owned AUTHORIZATION corpus_owner;
SET ROLE corpus_owner;
CREATE TABLE owned.by_role (who text DEFAULT current_user || ' ' || session_user);
INSERT INTO owned.by_role DEFAULT VALUES;
