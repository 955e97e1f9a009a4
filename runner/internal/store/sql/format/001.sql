CREATE TABLE :"schema".format (
  version     integer     PRIMARY KEY,
  upgraded_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE :"schema".format IS 'the format of these tables; a newer rung upgrades them';

CREATE TABLE :"schema".migrations (
  version       numeric     PRIMARY KEY CHECK (version >= 0 AND version = pg_catalog.trunc(version)),
  name          text        NOT NULL,
  state         text        NOT NULL CHECK (state IN ('applying', 'applied', 'reverting')),
  up_checksum   text        NOT NULL,
  down_checksum text,
  up_sql        text,
  down_sql      text,
  applied_by    text        NOT NULL DEFAULT session_user,
  applied_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  duration      interval,
  run           text        NOT NULL,
  rung_version  text        NOT NULL,
  plan_hash     text,
  adopted_from  text
);
COMMENT ON TABLE :"schema".migrations IS 'a row for each migration that is applied, or partly applied (state)';

CREATE TABLE :"schema".steps (
  version       numeric     NOT NULL REFERENCES :"schema".migrations ON DELETE CASCADE,
  direction     text        NOT NULL CHECK (direction IN ('up', 'down')),
  step          integer     NOT NULL,
  checksum      text        NOT NULL,
  state         text        NOT NULL CHECK (state IN ('started', 'failed', 'done')),
  prior_indexes oid[],
  started_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  finished_at   timestamptz,
  run           text        NOT NULL,
  PRIMARY KEY (version, direction, step)
);
COMMENT ON TABLE :"schema".steps IS 'the checkpoints of files that run step by step';
COMMENT ON COLUMN :"schema".steps.prior_indexes IS 'the table''s indexes before a CREATE INDEX CONCURRENTLY started, so that a resumed run can tell which INVALID index is its own';

CREATE TABLE :"schema".log (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  actor        text        NOT NULL DEFAULT session_user,
  action       text        NOT NULL,
  version      numeric,
  name         text,
  checksum     text,
  duration     interval,
  run          text        NOT NULL,
  rung_version text        NOT NULL,
  note         text
);
COMMENT ON TABLE :"schema".log IS 'append-only: every up, down, baseline and repair';

INSERT INTO :"schema".format (version) VALUES (1);
