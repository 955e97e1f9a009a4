CREATE TABLE :"schema".two_phase (id uuid PRIMARY KEY);
COMMENT ON TABLE :"schema".two_phase IS 'on Citus only: a row for each transaction of rung''s, so that it commits on all nodes or on none; they are deleted now and then';
