SET ROLE corpus_owner;
DROP SCHEMA owned CASCADE;
