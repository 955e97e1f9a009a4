DROP TABLE typed;
DROP TYPE span, pair;
DROP DOMAIN positive;
