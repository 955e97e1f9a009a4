WITH moved AS (DELETE FROM bare WHERE id = 1 RETURNING id), ins AS (INSERT INTO bare SELECT id + 100 FROM moved RETURNING id)
UPDATE saved SET id = ins.id FROM ins WHERE saved.id = 2;
INSERT INTO saved VALUES (3) ON CONFLICT (id) DO UPDATE SET id = excluded.id + 1;
SELECT setval('strings_id_seq', 1000, false), nextval('users_id_seq');
CREATE SEQUENCE odd_seq INCREMENT 7 MINVALUE 3 START 10 CYCLE;
SELECT nextval('odd_seq'), nextval('odd_seq');
