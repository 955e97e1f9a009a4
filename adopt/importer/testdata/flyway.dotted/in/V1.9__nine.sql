ALTER TABLE t ADD nine int;
