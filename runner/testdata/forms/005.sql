CREATE SCHEMA rung;

CREATE FUNCTION rung.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  RAISE EXCEPTION 'the log of rung only grows: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'it tells who ran what on this database, and when';
END
$$;

COMMENT ON FUNCTION rung.refuse_change() IS 'keeps the log from being changed; its owner and a superuser can drop it';

CREATE TABLE public.half (
    id integer
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    active boolean,
    name text
);

CREATE TABLE rung.migrations (
    version numeric NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    up_checksum text NOT NULL,
    down_checksum text,
    up_sql text,
    down_sql text,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    duration interval,
    run text NOT NULL,
    rung_version text NOT NULL,
    plan_hash text,
    adopted_from text,
    scope text DEFAULT ''::text NOT NULL,
    CONSTRAINT migrations_state_check CHECK ((state = ANY (ARRAY['applying'::text, 'applied'::text, 'reverting'::text]))),
    CONSTRAINT migrations_version_check CHECK (((version >= (0)::numeric) AND (version = trunc(version))))
);

COMMENT ON TABLE rung.migrations IS 'a row for each migration that is applied, or partly applied (state)';

COMMENT ON COLUMN rung.migrations.version IS 'the number that the file''s name begins with';

COMMENT ON COLUMN rung.migrations.name IS 'what stands in the file''s name between the version and .up.sql';

COMMENT ON COLUMN rung.migrations.state IS 'applied; or, of a file that runs step by step, applying or reverting: some of its steps are done';

COMMENT ON COLUMN rung.migrations.up_checksum IS 'SHA-256 of the up file, without BOM and with LF line ends';

COMMENT ON COLUMN rung.migrations.down_checksum IS 'SHA-256 of the down file; NULL where there was none';

COMMENT ON COLUMN rung.migrations.up_sql IS 'the up file; NULL above 1 MiB, and with -- rung:secret';

COMMENT ON COLUMN rung.migrations.down_sql IS 'the down file, which rung down runs where the directory lacks it: who can write here acts as the role that runs it. NULL with -- rung:secret';

COMMENT ON COLUMN rung.migrations.applied_by IS 'the user whose session applied it';

COMMENT ON COLUMN rung.migrations.applied_at IS 'when its first transaction began';

COMMENT ON COLUMN rung.migrations.duration IS 'how long it took; NULL while it is applied in part, and of a baseline';

COMMENT ON COLUMN rung.migrations.run IS 'the run of rung that applied it: the log''s entries of that run have the same';

COMMENT ON COLUMN rung.migrations.rung_version IS 'the version of rung that applied it';

COMMENT ON COLUMN rung.migrations.plan_hash IS 'the hash that up --plan-hash insisted on';

COMMENT ON COLUMN rung.migrations.adopted_from IS 'the tool whose own history said that it is applied; NULL where rung ran it';

COMMENT ON COLUMN rung.migrations.scope IS 'the schema that the version is applied to, where one history serves many; '''' is the database itself';

CREATE VIEW rung.applied AS
 SELECT migrations.version,
    migrations.name,
    migrations.state,
    migrations.up_checksum,
    migrations.down_checksum,
    (migrations.up_sql IS NOT NULL) AS has_up_sql,
    (migrations.down_sql IS NOT NULL) AS has_down_sql,
    migrations.applied_by,
    migrations.applied_at,
    migrations.duration,
    migrations.run,
    migrations.rung_version,
    migrations.plan_hash,
    migrations.adopted_from,
    migrations.scope
   FROM rung.migrations;

COMMENT ON VIEW rung.applied IS 'migrations without the SQL texts, which may hold passwords: what a monitoring role may read';

CREATE TABLE rung.batches (
    version numeric NOT NULL,
    direction text NOT NULL,
    step integer NOT NULL,
    after_key text[] NOT NULL,
    first_key text[] NOT NULL,
    last_key text[] NOT NULL,
    keys bigint NOT NULL,
    rows bigint NOT NULL,
    duration interval NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    run text NOT NULL,
    scope text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE rung.batches IS 'a row for each committed batch, written in its own transaction: the cursor, the audit and the source of the ETA';

COMMENT ON COLUMN rung.batches.version IS 'as in migrations';

COMMENT ON COLUMN rung.batches.direction IS 'as in steps';

COMMENT ON COLUMN rung.batches.step IS 'as in steps';

COMMENT ON COLUMN rung.batches.after_key IS 'the batch is what lies above this key, up to and with last_key; {} is the start';

COMMENT ON COLUMN rung.batches.first_key IS 'the first key of the batch: its $1, or the first half of its parameters';

COMMENT ON COLUMN rung.batches.last_key IS 'the last key of the batch';

COMMENT ON COLUMN rung.batches.keys IS 'how many keys it went over';

COMMENT ON COLUMN rung.batches.rows IS 'how many rows it changed';

COMMENT ON COLUMN rung.batches.duration IS 'how long its transaction took';

COMMENT ON COLUMN rung.batches.committed_at IS 'when it was about to commit';

COMMENT ON COLUMN rung.batches.run IS 'the run that did it';

COMMENT ON COLUMN rung.batches.scope IS 'as in migrations';

CREATE TABLE rung.control (
    version numeric NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    rows integer,
    rows_at timestamp with time zone,
    target_ms integer,
    pause_ms integer,
    workers integer,
    changed_by text DEFAULT SESSION_USER NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    scope text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE rung.control IS 'what rung pause, resume and tune ask of a running backfill';

COMMENT ON COLUMN rung.control.version IS 'as in migrations';

COMMENT ON COLUMN rung.control.paused IS 'whether it is to wait for rung resume';

COMMENT ON COLUMN rung.control.rows IS 'the size of a batch that rung tune asked for';

COMMENT ON COLUMN rung.control.rows_at IS 'when it did: from there the size adapts again';

COMMENT ON COLUMN rung.control.target_ms IS 'how long a batch should take, in milliseconds';

COMMENT ON COLUMN rung.control.pause_ms IS 'the pause between batches, in milliseconds';

COMMENT ON COLUMN rung.control.workers IS 'how many batches run at a time';

COMMENT ON COLUMN rung.control.changed_by IS 'the user who paused or resumed it last';

COMMENT ON COLUMN rung.control.changed_at IS 'when that was';

COMMENT ON COLUMN rung.control.scope IS 'as in migrations';

CREATE TABLE rung.format (
    version integer NOT NULL,
    upgraded_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE rung.format IS 'the format of these tables; a newer rung upgrades them';

COMMENT ON COLUMN rung.format.version IS 'the number of the format';

COMMENT ON COLUMN rung.format.upgraded_at IS 'when the tables were upgraded to it';

CREATE TABLE rung.log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text DEFAULT SESSION_USER NOT NULL,
    action text NOT NULL,
    version numeric,
    name text,
    checksum text,
    duration interval,
    run text NOT NULL,
    rung_version text NOT NULL,
    note text,
    scope text DEFAULT ''::text NOT NULL,
    role text DEFAULT CURRENT_USER,
    os_user text,
    host text,
    job text,
    file text,
    line integer,
    col integer,
    step integer,
    sqlstate text,
    message text
);

COMMENT ON TABLE rung.log IS 'what was done, and what failed: every up, down, baseline, adopt, repair, pause, resume and tune. It only grows: a trigger refuses UPDATE, DELETE and TRUNCATE';

COMMENT ON COLUMN rung.log.id IS 'the order of the entries';

COMMENT ON COLUMN rung.log.at IS 'when it was done, or failed';

COMMENT ON COLUMN rung.log.actor IS 'the user of the session';

COMMENT ON COLUMN rung.log.action IS 'up, down, baseline, adopt, repair, pause, resume, tune; up-failed and down-failed are attempts that failed';

COMMENT ON COLUMN rung.log.version IS 'as in migrations';

COMMENT ON COLUMN rung.log.name IS 'as in migrations';

COMMENT ON COLUMN rung.log.checksum IS 'SHA-256 of the file that ran';

COMMENT ON COLUMN rung.log.duration IS 'how long it took; NULL where nothing ran';

COMMENT ON COLUMN rung.log.run IS 'the run of rung: what one command did has the same';

COMMENT ON COLUMN rung.log.rung_version IS 'the version of rung';

COMMENT ON COLUMN rung.log.note IS 'what --note said; of a repair, first what it accepted';

COMMENT ON COLUMN rung.log.scope IS 'as in migrations';

COMMENT ON COLUMN rung.log.role IS 'the role that it was done as: that of --role, or the user';

COMMENT ON COLUMN rung.log.os_user IS 'the user of the operating system that started rung, as it says itself';

COMMENT ON COLUMN rung.log.host IS 'the machine that rung ran on, as it says itself';

COMMENT ON COLUMN rung.log.job IS 'the address of the CI job that started it, from the CI''s own variables';

COMMENT ON COLUMN rung.log.file IS 'of a failed attempt: the file';

COMMENT ON COLUMN rung.log.line IS 'of a failed attempt: the line in it';

COMMENT ON COLUMN rung.log.col IS 'of a failed attempt: the column in that line';

COMMENT ON COLUMN rung.log.step IS 'of a failed attempt: the step';

COMMENT ON COLUMN rung.log.sqlstate IS 'of a failed attempt: the server''s code of the error';

COMMENT ON COLUMN rung.log.message IS 'of a failed attempt: the error, with passwords masked';

ALTER TABLE rung.log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME rung.log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE rung.steps (
    version numeric NOT NULL,
    direction text NOT NULL,
    step integer NOT NULL,
    checksum text NOT NULL,
    state text NOT NULL,
    prior_indexes oid[],
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    run text NOT NULL,
    batch_key text,
    upper_key text[],
    estimate bigint,
    scope text DEFAULT ''::text NOT NULL,
    key_types text[],
    key_ids oid[],
    CONSTRAINT steps_direction_check CHECK ((direction = ANY (ARRAY['up'::text, 'down'::text]))),
    CONSTRAINT steps_state_check CHECK ((state = ANY (ARRAY['started'::text, 'failed'::text, 'done'::text])))
);

COMMENT ON TABLE rung.steps IS 'the checkpoints of files that run step by step';

COMMENT ON COLUMN rung.steps.version IS 'as in migrations';

COMMENT ON COLUMN rung.steps.direction IS 'up or down: which of the two files';

COMMENT ON COLUMN rung.steps.step IS 'the number of the step in its file, from 1';

COMMENT ON COLUMN rung.steps.checksum IS 'SHA-256 of the step''s statements: a step is known by it where an edit has moved it';

COMMENT ON COLUMN rung.steps.state IS 'done; failed; or started: its outcome is found out by the next run';

COMMENT ON COLUMN rung.steps.prior_indexes IS 'the table''s indexes before a CREATE INDEX CONCURRENTLY started, so that a resumed run can tell which INVALID index is its own';

COMMENT ON COLUMN rung.steps.started_at IS 'when its last attempt began';

COMMENT ON COLUMN rung.steps.finished_at IS 'when it was done, or failed';

COMMENT ON COLUMN rung.steps.run IS 'the run that had it last';

COMMENT ON COLUMN rung.steps.batch_key IS 'of a batched step: the table and the columns that its batches run over';

COMMENT ON COLUMN rung.steps.upper_key IS 'of a batched step: the last key when it started; it runs up to there';

COMMENT ON COLUMN rung.steps.estimate IS 'of a batched step: the planner''s guess of the table''s rows when it started';

COMMENT ON COLUMN rung.steps.scope IS 'as in migrations';

COMMENT ON COLUMN rung.steps.key_types IS 'of a batched step: the type, collation and collation version of each column of the key; a resume under others is refused';

COMMENT ON COLUMN rung.steps.key_ids IS 'of a batched step: the oid of this table, that of the key''s table, and the numbers of the key''s columns; the first tells a copy restored from a dump';

INSERT INTO public.users VALUES (23, NULL, NULL);
INSERT INTO public.users VALUES (24, NULL, NULL);
INSERT INTO public.users VALUES (25, NULL, NULL);
INSERT INTO public.users VALUES (26, NULL, NULL);
INSERT INTO public.users VALUES (27, NULL, NULL);
INSERT INTO public.users VALUES (28, NULL, NULL);
INSERT INTO public.users VALUES (29, NULL, NULL);
INSERT INTO public.users VALUES (30, NULL, NULL);
INSERT INTO public.users VALUES (1, false, NULL);
INSERT INTO public.users VALUES (2, false, NULL);
INSERT INTO public.users VALUES (3, false, NULL);
INSERT INTO public.users VALUES (4, false, NULL);
INSERT INTO public.users VALUES (5, false, NULL);
INSERT INTO public.users VALUES (6, false, NULL);
INSERT INTO public.users VALUES (7, false, NULL);
INSERT INTO public.users VALUES (8, false, NULL);
INSERT INTO public.users VALUES (9, false, NULL);
INSERT INTO public.users VALUES (10, false, NULL);
INSERT INTO public.users VALUES (11, false, NULL);
INSERT INTO public.users VALUES (12, false, NULL);
INSERT INTO public.users VALUES (13, false, NULL);
INSERT INTO public.users VALUES (14, false, NULL);
INSERT INTO public.users VALUES (15, false, NULL);
INSERT INTO public.users VALUES (16, false, NULL);
INSERT INTO public.users VALUES (17, false, NULL);
INSERT INTO public.users VALUES (18, false, NULL);
INSERT INTO public.users VALUES (19, false, NULL);
INSERT INTO public.users VALUES (20, false, NULL);
INSERT INTO public.users VALUES (21, false, NULL);
INSERT INTO public.users VALUES (22, false, NULL);

INSERT INTO rung.batches VALUES (4, 'up', 2, '{}', '{1}', '{10}', 10, 10, '00:00:00.00273', '2026-12-01 00:10:15.942155+00', '3c7a631dad07', '');
INSERT INTO rung.batches VALUES (4, 'up', 2, '{10}', '{11}', '{22}', 12, 12, '00:00:00.010173', '2026-12-01 00:10:16.004395+00', '3c7a631dad07', '');

INSERT INTO rung.control VALUES (4, true, NULL, '2026-12-01 00:10:16.822894+00', NULL, NULL, NULL, 'postgres', '2026-12-01 00:10:16.822896+00', '');

INSERT INTO rung.format VALUES (5, '2026-12-01 00:10:14.372406+00');

INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (1, '2026-12-01 00:10:14.51522+00', 'postgres', 'up', 1, 'users', '42060571ab1bd0dce982ac4a6f3778b15fc3e6f857b1fb3e620171c8e3e80935', '00:00:00.008708', 'd2df74f04e8e', 'devel', NULL, '', 'postgres', 'root', 'vm', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (2, '2026-12-01 00:10:14.519792+00', 'postgres', 'up', 2, 'name', '2d3109e4635a83756c65b154aa8f1e5c6ccd7c2ff4ec631c89943d9dd5cd9b24', '00:00:00.003795', 'd2df74f04e8e', 'devel', NULL, '', 'postgres', 'root', 'vm', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (3, '2026-12-01 00:10:14.526881+00', 'postgres', 'up', 3, 'gone', '0985625fc85a69a5944098d911d8b9910b3276636ab60b9bc7bec8c3c3d99891', '00:00:00.00683', 'd2df74f04e8e', 'devel', NULL, '', 'postgres', 'root', 'vm', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (4, '2026-12-01 00:10:15.135934+00', 'postgres', 'down', 3, 'gone', '7d53587d6cfd1d4b4093ac3d8f7df9e81c5706982df68a1b4168b7e26ad7da5e', '00:00:00.040804', 'c78ffc3a2738', 'devel', NULL, '', 'postgres', 'root', 'vm', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (5, '2026-12-01 00:10:16.162956+00', 'postgres', 'up-failed', 4, 'half', '000cbfef4ce5661ee926b4954fcaa9ddb0cc91362cb0ce9e4657124ee8b2876d', NULL, '3c7a631dad07', 'devel', NULL, '', 'postgres', 'root', 'vm', NULL, 'sql/000004_half.up.sql', 4, 1, 2, '22012', 'division by zero, in the batch of keys (23) to (30)');
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (6, '2026-12-01 00:10:16.82384+00', 'postgres', 'pause', 4, 'half', NULL, NULL, '019ae9f27add', 'devel', NULL, '', 'postgres', 'root', 'vm', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO rung.migrations VALUES (1, 'users', 'applied', '42060571ab1bd0dce982ac4a6f3778b15fc3e6f857b1fb3e620171c8e3e80935', 'de1015707e41d6682186c3440c58b222518e75eae7becfba74346468eefdfc5d', 'CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
INSERT INTO users (id) SELECT generate_series(1, 30);
', 'DROP TABLE users;
', 'postgres', '2026-12-01 00:10:14.506435+00', '00:00:00.008708', 'd2df74f04e8e', 'devel', NULL, NULL, '');
INSERT INTO rung.migrations VALUES (2, 'name', 'applied', '2d3109e4635a83756c65b154aa8f1e5c6ccd7c2ff4ec631c89943d9dd5cd9b24', '5ca8f93aa3ab61aca4ea4346ec3effc449962a30afcc7c42c70b8625092abd70', 'ALTER TABLE users ADD COLUMN name text;
', 'ALTER TABLE users DROP COLUMN name;
', 'postgres', '2026-12-01 00:10:14.515959+00', '00:00:00.003795', 'd2df74f04e8e', 'devel', NULL, NULL, '');
INSERT INTO rung.migrations VALUES (4, 'half', 'applying', '000cbfef4ce5661ee926b4954fcaa9ddb0cc91362cb0ce9e4657124ee8b2876d', 'ba841d3c80ea48f829e7f1fb59140b66da97027c489ed8759fa2db9e2da913be', 'CREATE TABLE half (id int);
COMMIT;
UPDATE users SET active = 1 / (25 - id) > 0 WHERE id BETWEEN $1 AND $2;
', 'DROP TABLE half;
', 'postgres', '2026-12-01 00:10:15.837056+00', NULL, '3c7a631dad07', 'devel', NULL, NULL, '');

INSERT INTO rung.steps VALUES (4, 'up', 1, '0e6fa20a7c1be77ee8e128af6e56f91f8f3fcbe720e874360ea2740ce2c72a39', 'done', NULL, '2026-12-01 00:10:15.825547+00', '2026-12-01 00:10:15.882484+00', '3c7a631dad07', NULL, NULL, NULL, '', NULL, NULL);
INSERT INTO rung.steps VALUES (4, 'up', 2, '3f540ba04e29303cf322afc0a5b33645465c72f6826efdb09432b17e2ca66795', 'failed', NULL, '2026-12-01 00:10:15.927202+00', '2026-12-01 00:10:16.161376+00', '3c7a631dad07', 'public.users (id)', '{30}', 30, '', '{bigint}', '{16402,16494,1}');

SELECT pg_catalog.setval('rung.log_id_seq', 6, true);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rung.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (scope, version, direction, step, after_key);

ALTER TABLE ONLY rung.control
    ADD CONSTRAINT control_pkey PRIMARY KEY (scope, version);

ALTER TABLE ONLY rung.format
    ADD CONSTRAINT format_pkey PRIMARY KEY (version);

ALTER TABLE ONLY rung.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rung.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (scope, version);

ALTER TABLE ONLY rung.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (scope, version, direction, step);

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON rung.log FOR EACH STATEMENT EXECUTE FUNCTION rung.refuse_change();

ALTER TABLE rung.log ENABLE ALWAYS TRIGGER refuse_change;

ALTER TABLE ONLY rung.batches
    ADD CONSTRAINT batches_step_fkey FOREIGN KEY (scope, version, direction, step) REFERENCES rung.steps(scope, version, direction, step) ON DELETE CASCADE;

ALTER TABLE ONLY rung.control
    ADD CONSTRAINT control_version_fkey FOREIGN KEY (scope, version) REFERENCES rung.migrations(scope, version) ON DELETE CASCADE;

ALTER TABLE ONLY rung.steps
    ADD CONSTRAINT steps_version_fkey FOREIGN KEY (scope, version) REFERENCES rung.migrations(scope, version) ON DELETE CASCADE;
