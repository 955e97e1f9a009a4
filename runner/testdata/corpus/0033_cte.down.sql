DROP SEQUENCE odd_seq;
SELECT setval('strings_id_seq', 20);
DELETE FROM saved;
INSERT INTO saved VALUES (2), (3);
DELETE FROM bare;
INSERT INTO bare VALUES (1), (2);
