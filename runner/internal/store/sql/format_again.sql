CREATE TABLE IF NOT EXISTS :"schema".format (
  version     integer     PRIMARY KEY,
  upgraded_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
DELETE FROM :"schema".format;
INSERT INTO :"schema".format (version) VALUES (:'form');
:view
