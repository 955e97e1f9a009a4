CREATE INDEX ON nosuch (id);
