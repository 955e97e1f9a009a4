DROP TABLE copied;
