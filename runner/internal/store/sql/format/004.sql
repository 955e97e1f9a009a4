-- One history may serve many schemas: the key is (scope, version), and '' the database itself.
ALTER TABLE :"schema".batches DROP CONSTRAINT batches_version_direction_step_fkey, DROP CONSTRAINT batches_pkey;
ALTER TABLE :"schema".control DROP CONSTRAINT control_version_fkey, DROP CONSTRAINT control_pkey;
ALTER TABLE :"schema".steps DROP CONSTRAINT steps_version_fkey, DROP CONSTRAINT steps_pkey;
ALTER TABLE :"schema".migrations DROP CONSTRAINT migrations_pkey;
ALTER TABLE :"schema".migrations ADD COLUMN scope text NOT NULL DEFAULT '', ADD PRIMARY KEY (scope, version);
ALTER TABLE :"schema".steps ADD COLUMN scope text NOT NULL DEFAULT '', ADD PRIMARY KEY (scope, version, direction, step),
  ADD CONSTRAINT steps_version_fkey FOREIGN KEY (scope, version) REFERENCES :"schema".migrations ON DELETE CASCADE;
ALTER TABLE :"schema".batches ADD COLUMN scope text NOT NULL DEFAULT '', ADD PRIMARY KEY (scope, version, direction, step, after_key),
  ADD CONSTRAINT batches_step_fkey FOREIGN KEY (scope, version, direction, step) REFERENCES :"schema".steps ON DELETE CASCADE;
ALTER TABLE :"schema".control ADD COLUMN scope text NOT NULL DEFAULT '', ADD PRIMARY KEY (scope, version),
  ADD CONSTRAINT control_version_fkey FOREIGN KEY (scope, version) REFERENCES :"schema".migrations ON DELETE CASCADE;

ALTER TABLE :"schema".log ADD COLUMN scope text NOT NULL DEFAULT '', ADD COLUMN role text,
  ADD COLUMN os_user text, ADD COLUMN host text, ADD COLUMN job text,
  ADD COLUMN file text, ADD COLUMN line integer, ADD COLUMN col integer, ADD COLUMN step integer,
  ADD COLUMN sqlstate text, ADD COLUMN message text;
ALTER TABLE :"schema".log ALTER COLUMN role SET DEFAULT current_user;

CREATE FUNCTION :"schema".refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $rung$
BEGIN
  RAISE EXCEPTION 'the log of rung only grows: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'it tells who ran what on this database, and when';
END
$rung$;
COMMENT ON FUNCTION :"schema".refuse_change() IS 'keeps the log from being changed; its owner and a superuser can drop it';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON :"schema".log
  FOR EACH STATEMENT EXECUTE FUNCTION :"schema".refuse_change();
ALTER TABLE :"schema".log ENABLE ALWAYS TRIGGER refuse_change;

:applied_view_without_texts

COMMENT ON COLUMN :"schema".format.version IS 'the number of the format';
COMMENT ON COLUMN :"schema".format.upgraded_at IS 'when the tables were upgraded to it';

COMMENT ON COLUMN :"schema".migrations.scope IS 'the schema that the version is applied to, where one history serves many; '''' is the database itself';
COMMENT ON COLUMN :"schema".migrations.version IS 'the number that the file''s name begins with';
COMMENT ON COLUMN :"schema".migrations.name IS 'what stands in the file''s name between the version and .up.sql';
COMMENT ON COLUMN :"schema".migrations.state IS 'applied; or, of a file that runs step by step, applying or reverting: some of its steps are done';
COMMENT ON COLUMN :"schema".migrations.up_checksum IS 'SHA-256 of the up file, without BOM and with LF line ends';
COMMENT ON COLUMN :"schema".migrations.down_checksum IS 'SHA-256 of the down file; NULL where there was none';
COMMENT ON COLUMN :"schema".migrations.up_sql IS 'the up file; NULL above 1 MiB, and with -- rung:secret';
COMMENT ON COLUMN :"schema".migrations.down_sql IS 'the down file, which rung down runs where the directory lacks it: who can write here acts as the role that runs it. NULL with -- rung:secret';
COMMENT ON COLUMN :"schema".migrations.applied_by IS 'the user whose session applied it';
COMMENT ON COLUMN :"schema".migrations.applied_at IS 'when its first transaction began';
COMMENT ON COLUMN :"schema".migrations.duration IS 'how long it took; NULL while it is applied in part, and of a baseline';
COMMENT ON COLUMN :"schema".migrations.run IS 'the run of rung that applied it: the log''s entries of that run have the same';
COMMENT ON COLUMN :"schema".migrations.rung_version IS 'the version of rung that applied it';
COMMENT ON COLUMN :"schema".migrations.plan_hash IS 'the hash that up --plan-hash insisted on';
COMMENT ON COLUMN :"schema".migrations.adopted_from IS 'the tool whose own history said that it is applied; NULL where rung ran it';

COMMENT ON COLUMN :"schema".steps.scope IS 'as in migrations';
COMMENT ON COLUMN :"schema".steps.version IS 'as in migrations';
COMMENT ON COLUMN :"schema".steps.direction IS 'up or down: which of the two files';
COMMENT ON COLUMN :"schema".steps.step IS 'the number of the step in its file, from 1';
COMMENT ON COLUMN :"schema".steps.checksum IS 'SHA-256 of the step''s statements: a step is known by it where an edit has moved it';
COMMENT ON COLUMN :"schema".steps.state IS 'done; failed; or started: its outcome is found out by the next run';
COMMENT ON COLUMN :"schema".steps.started_at IS 'when its last attempt began';
COMMENT ON COLUMN :"schema".steps.finished_at IS 'when it was done, or failed';
COMMENT ON COLUMN :"schema".steps.run IS 'the run that had it last';

COMMENT ON COLUMN :"schema".batches.scope IS 'as in migrations';
COMMENT ON COLUMN :"schema".batches.version IS 'as in migrations';
COMMENT ON COLUMN :"schema".batches.direction IS 'as in steps';
COMMENT ON COLUMN :"schema".batches.step IS 'as in steps';
COMMENT ON COLUMN :"schema".batches.first_key IS 'the first key of the batch: its $1, or the first half of its parameters';
COMMENT ON COLUMN :"schema".batches.last_key IS 'the last key of the batch';
COMMENT ON COLUMN :"schema".batches.keys IS 'how many keys it went over';
COMMENT ON COLUMN :"schema".batches.rows IS 'how many rows it changed';
COMMENT ON COLUMN :"schema".batches.duration IS 'how long its transaction took';
COMMENT ON COLUMN :"schema".batches.committed_at IS 'when it was about to commit';
COMMENT ON COLUMN :"schema".batches.run IS 'the run that did it';

COMMENT ON COLUMN :"schema".control.scope IS 'as in migrations';
COMMENT ON COLUMN :"schema".control.version IS 'as in migrations';
COMMENT ON COLUMN :"schema".control.paused IS 'whether it is to wait for rung resume';
COMMENT ON COLUMN :"schema".control.rows IS 'the size of a batch that rung tune asked for';
COMMENT ON COLUMN :"schema".control.rows_at IS 'when it did: from there the size adapts again';
COMMENT ON COLUMN :"schema".control.target_ms IS 'how long a batch should take, in milliseconds';
COMMENT ON COLUMN :"schema".control.pause_ms IS 'the pause between batches, in milliseconds';
COMMENT ON COLUMN :"schema".control.workers IS 'how many batches run at a time';
COMMENT ON COLUMN :"schema".control.changed_by IS 'the user who paused or resumed it last';
COMMENT ON COLUMN :"schema".control.changed_at IS 'when that was';

COMMENT ON TABLE :"schema".log IS 'what was done, and what failed: every up, down, baseline, adopt, repair, pause, resume and tune. It only grows: a trigger refuses UPDATE, DELETE and TRUNCATE';
COMMENT ON COLUMN :"schema".log.id IS 'the order of the entries';
COMMENT ON COLUMN :"schema".log.at IS 'when it was done, or failed';
COMMENT ON COLUMN :"schema".log.actor IS 'the user of the session';
COMMENT ON COLUMN :"schema".log.action IS 'up, down, baseline, adopt, repair, pause, resume, tune; up-failed and down-failed are attempts that failed';
COMMENT ON COLUMN :"schema".log.version IS 'as in migrations';
COMMENT ON COLUMN :"schema".log.name IS 'as in migrations';
COMMENT ON COLUMN :"schema".log.checksum IS 'SHA-256 of the file that ran';
COMMENT ON COLUMN :"schema".log.duration IS 'how long it took; NULL where nothing ran';
COMMENT ON COLUMN :"schema".log.run IS 'the run of rung: what one command did has the same';
COMMENT ON COLUMN :"schema".log.rung_version IS 'the version of rung';
COMMENT ON COLUMN :"schema".log.note IS 'what --note said; of a repair, first what it accepted';
COMMENT ON COLUMN :"schema".log.scope IS 'as in migrations';
COMMENT ON COLUMN :"schema".log.role IS 'the role that it was done as: that of --role, or the user';
COMMENT ON COLUMN :"schema".log.os_user IS 'the user of the operating system that started rung, as it says itself';
COMMENT ON COLUMN :"schema".log.host IS 'the machine that rung ran on, as it says itself';
COMMENT ON COLUMN :"schema".log.job IS 'the address of the CI job that started it, from the CI''s own variables';
COMMENT ON COLUMN :"schema".log.file IS 'of a failed attempt: the file';
COMMENT ON COLUMN :"schema".log.line IS 'of a failed attempt: the line in it';
COMMENT ON COLUMN :"schema".log.col IS 'of a failed attempt: the column in that line';
COMMENT ON COLUMN :"schema".log.step IS 'of a failed attempt: the step';
COMMENT ON COLUMN :"schema".log.sqlstate IS 'of a failed attempt: the server''s code of the error';
COMMENT ON COLUMN :"schema".log.message IS 'of a failed attempt: the error, with passwords masked';

UPDATE :"schema".format SET version = 4, upgraded_at = pg_catalog.now();
