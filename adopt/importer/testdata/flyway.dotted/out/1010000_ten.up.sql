ALTER TABLE t ADD ten int;
