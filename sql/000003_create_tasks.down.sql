-- The table first: a type that a column still has cannot be dropped.
DROP TABLE tasks;

DROP TYPE task_status;
