-- Verify shop:people on pg

BEGIN;

SELECT id, email, mood FROM people WHERE false;

ROLLBACK;
