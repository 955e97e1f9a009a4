-- Where one history serves many schemas, the text of a file is kept once for all.
CREATE TABLE :"schema".texts (
  checksum text NOT NULL PRIMARY KEY,
  sql      text NOT NULL
);
COMMENT ON TABLE :"schema".texts IS 'the files of versions that are applied to schemas, each text once: those of the database itself are in migrations';
COMMENT ON COLUMN :"schema".texts.checksum IS 'its SHA-256, as in migrations: up_checksum or down_checksum';
COMMENT ON COLUMN :"schema".texts.sql IS 'the file, which rung down runs where the directory lacks it: who can write here acts as the role that runs it';
COMMENT ON COLUMN :"schema".migrations.up_sql IS 'the up file; NULL above 1 MiB, with -- rung:secret, and where a schema has the version: then it is in texts';
COMMENT ON COLUMN :"schema".migrations.down_sql IS 'the down file, which rung down runs where the directory lacks it: who can write here acts as the role that runs it. NULL with -- rung:secret, and where a schema has the version: then it is in texts';

:applied_view

UPDATE :"schema".format SET version = 7, upgraded_at = pg_catalog.now();
