ALTER TABLE :"schema".steps ADD COLUMN batch_key text, ADD COLUMN upper_key text[], ADD COLUMN estimate bigint;
COMMENT ON COLUMN :"schema".steps.batch_key IS 'of a batched step: the table and the columns that its batches run over';
COMMENT ON COLUMN :"schema".steps.upper_key IS 'of a batched step: the last key when it started; it runs up to there';
COMMENT ON COLUMN :"schema".steps.estimate IS 'of a batched step: the planner''s guess of the table''s rows when it started';

CREATE TABLE :"schema".batches (
  version      numeric     NOT NULL,
  direction    text        NOT NULL,
  step         integer     NOT NULL,
  after_key    text[]      NOT NULL,
  first_key    text[]      NOT NULL,
  last_key     text[]      NOT NULL,
  keys         bigint      NOT NULL,
  rows         bigint      NOT NULL,
  duration     interval    NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  run          text        NOT NULL,
  PRIMARY KEY (version, direction, step, after_key),
  FOREIGN KEY (version, direction, step) REFERENCES :"schema".steps ON DELETE CASCADE
);
COMMENT ON TABLE :"schema".batches IS 'a row for each committed batch, written in its own transaction: the cursor, the audit and the source of the ETA';
COMMENT ON COLUMN :"schema".batches.after_key IS 'the batch is what lies above this key, up to and with last_key; {} is the start';

CREATE TABLE :"schema".control (
  version    numeric     PRIMARY KEY REFERENCES :"schema".migrations ON DELETE CASCADE,
  paused     boolean     NOT NULL DEFAULT false,
  rows       integer,
  rows_at    timestamptz,
  target_ms  integer,
  pause_ms   integer,
  workers    integer,
  changed_by text        NOT NULL DEFAULT session_user,
  changed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE :"schema".control IS 'what rung pause, resume and tune ask of a running backfill';

UPDATE :"schema".format SET version = 2, upgraded_at = pg_catalog.now();
