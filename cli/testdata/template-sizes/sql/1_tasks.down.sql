DROP TABLE tasks; DROP TYPE mood;
