-- before: CREATE TABLE parted (id int) PARTITION BY RANGE (id);
-- before: CREATE INDEX ON parted (id);
REINDEX TABLE parted;
