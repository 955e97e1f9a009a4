DROP TABLE dated;
