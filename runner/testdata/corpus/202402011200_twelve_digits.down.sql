DROP TABLE twelve
