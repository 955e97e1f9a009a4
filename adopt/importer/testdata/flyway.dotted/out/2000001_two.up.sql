ALTER TABLE t ADD two int;
