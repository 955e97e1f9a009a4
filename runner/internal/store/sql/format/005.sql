ALTER TABLE :"schema".steps ADD COLUMN key_types text[], ADD COLUMN key_ids oid[];
COMMENT ON COLUMN :"schema".steps.key_types IS 'of a batched step: the type, collation and collation version of each column of the key; a resume under others is refused';
COMMENT ON COLUMN :"schema".steps.key_ids IS 'of a batched step: the oid of this table, that of the key''s table, and the numbers of the key''s columns; the first tells a copy restored from a dump';

UPDATE :"schema".format SET version = 5, upgraded_at = pg_catalog.now();
