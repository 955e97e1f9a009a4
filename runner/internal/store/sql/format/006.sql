-- A version whose background backfill is registered is neither in part nor applied.
ALTER TABLE :"schema".migrations
  DROP CONSTRAINT migrations_state_check, ADD CONSTRAINT migrations_state_check CHECK (state IN ('applying', 'background', 'applied', 'reverting'));
COMMENT ON COLUMN :"schema".migrations.state IS 'applied; or, of a file that runs step by step, applying or reverting: some of its steps are done; or background: all is in place but its background backfill';
COMMENT ON COLUMN :"schema".log.action IS 'up, down, baseline, adopt, repair, register, pause, resume, tune; up-failed and down-failed are attempts that failed';

CREATE TABLE :"schema".background (
  scope         text        NOT NULL DEFAULT '',
  version       numeric     NOT NULL,
  state         text        NOT NULL CHECK (state IN ('registered', 'running', 'failed')),
  estimate      bigint,
  registered_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  registered_by text        NOT NULL DEFAULT session_user,
  run           text,
  started_at    timestamptz,
  attempts      integer     NOT NULL DEFAULT 0,
  failed_at     timestamptz,
  error         text,
  error_code    text,
  error_keys    text,
  next_try_at   timestamptz,
  PRIMARY KEY (scope, version),
  FOREIGN KEY (scope, version) REFERENCES :"schema".migrations ON DELETE CASCADE
);
COMMENT ON TABLE :"schema".background IS 'the background backfills that are registered and not done: what rung work runs';
COMMENT ON COLUMN :"schema".background.scope IS 'as in migrations';
COMMENT ON COLUMN :"schema".background.version IS 'as in migrations';
COMMENT ON COLUMN :"schema".background.state IS 'registered; running, by the worker that has its lock, or until one takes over from a worker that died; or failed';
COMMENT ON COLUMN :"schema".background.estimate IS 'about how many rows its tables had when it was registered';
COMMENT ON COLUMN :"schema".background.registered_at IS 'when up registered it';
COMMENT ON COLUMN :"schema".background.registered_by IS 'the user whose session did';
COMMENT ON COLUMN :"schema".background.run IS 'the run of rung work that had it last';
COMMENT ON COLUMN :"schema".background.started_at IS 'when a worker first took it';
COMMENT ON COLUMN :"schema".background.attempts IS 'how many attempts in a row have failed';
COMMENT ON COLUMN :"schema".background.failed_at IS 'when the last one did';
COMMENT ON COLUMN :"schema".background.error IS 'its error, with passwords masked';
COMMENT ON COLUMN :"schema".background.error_code IS 'the server''s code of it';
COMMENT ON COLUMN :"schema".background.error_keys IS 'the key that it failed for, or the first and last key of the batch';
COMMENT ON COLUMN :"schema".background.next_try_at IS 'when the next attempt may begin';

UPDATE :"schema".format SET version = 6, upgraded_at = pg_catalog.now();
