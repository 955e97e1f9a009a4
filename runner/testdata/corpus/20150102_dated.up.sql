-- a date of eight digits among counters
CREATE TABLE dated (id int);
