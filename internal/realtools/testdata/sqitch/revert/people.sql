-- Revert shop:people from pg

BEGIN;

DROP TABLE people;
DROP TYPE mood;

COMMIT;
