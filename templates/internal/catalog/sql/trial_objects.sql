-- What belongs to a trial's temporary tables, an array of oids for each catalog,
-- and the oid of the type $1.
WITH mine AS (
    SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()
)
SELECT ARRAY(SELECT w.oid FROM pg_catalog.pg_rewrite AS w JOIN mine ON mine.oid = w.ev_class),
       ARRAY(SELECT k.oid FROM pg_catalog.pg_constraint AS k JOIN mine ON mine.oid = k.conrelid),
       ARRAY(SELECT i.indexrelid FROM pg_catalog.pg_index AS i JOIN mine ON mine.oid = i.indrelid),
       ARRAY(SELECT t.oid FROM pg_catalog.pg_trigger AS t JOIN mine ON mine.oid = t.tgrelid),
       ARRAY(SELECT p.oid FROM pg_catalog.pg_policy AS p JOIN mine ON mine.oid = p.polrelid),
       ARRAY(SELECT d.oid FROM pg_catalog.pg_attrdef AS d JOIN mine ON mine.oid = d.adrelid),
       ARRAY(SELECT s.oid FROM pg_catalog.pg_statistic_ext AS s JOIN mine ON mine.oid = s.stxrelid),
       $1::regtype::oid
