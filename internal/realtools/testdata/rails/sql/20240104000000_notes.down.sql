UPDATE people SET email = initcap(email) WHERE id % 3 = 0;
DROP TABLE notes;
