CREATE SCHEMA rung;

CREATE TABLE public.half (
    id integer
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    active boolean,
    name text
);

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
    run text NOT NULL
);

COMMENT ON TABLE rung.batches IS 'a row for each committed batch, written in its own transaction: the cursor, the audit and the source of the ETA';

COMMENT ON COLUMN rung.batches.after_key IS 'the batch is what lies above this key, up to and with last_key; {} is the start';

CREATE TABLE rung.control (
    version numeric NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    rows integer,
    rows_at timestamp with time zone,
    target_ms integer,
    pause_ms integer,
    workers integer,
    changed_by text DEFAULT SESSION_USER NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

COMMENT ON TABLE rung.control IS 'what rung pause, resume and tune ask of a running backfill';

CREATE TABLE rung.format (
    version integer NOT NULL,
    upgraded_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE rung.format IS 'the format of these tables; a newer rung upgrades them';

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
    note text
);

COMMENT ON TABLE rung.log IS 'append-only: every up, down, baseline and repair';

ALTER TABLE rung.log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME rung.log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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
    CONSTRAINT migrations_state_check CHECK ((state = ANY (ARRAY['applying'::text, 'applied'::text, 'reverting'::text]))),
    CONSTRAINT migrations_version_check CHECK (((version >= (0)::numeric) AND (version = trunc(version))))
);

COMMENT ON TABLE rung.migrations IS 'a row for each migration that is applied, or partly applied (state)';

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
    CONSTRAINT steps_direction_check CHECK ((direction = ANY (ARRAY['up'::text, 'down'::text]))),
    CONSTRAINT steps_state_check CHECK ((state = ANY (ARRAY['started'::text, 'failed'::text, 'done'::text])))
);

COMMENT ON TABLE rung.steps IS 'the checkpoints of files that run step by step';

COMMENT ON COLUMN rung.steps.prior_indexes IS 'the table''s indexes before a CREATE INDEX CONCURRENTLY started, so that a resumed run can tell which INVALID index is its own';

COMMENT ON COLUMN rung.steps.batch_key IS 'of a batched step: the table and the columns that its batches run over';

COMMENT ON COLUMN rung.steps.upper_key IS 'of a batched step: the last key when it started; it runs up to there';

COMMENT ON COLUMN rung.steps.estimate IS 'of a batched step: the planner''s guess of the table''s rows when it started';

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

INSERT INTO rung.batches VALUES (4, 'up', 2, '{}', '{1}', '{10}', 10, 10, '00:00:00.002265', '2026-11-30 12:22:16.290466+00', 'ef2fca54f2e3');
INSERT INTO rung.batches VALUES (4, 'up', 2, '{10}', '{11}', '{22}', 12, 12, '00:00:00.001035', '2026-11-30 12:22:16.294264+00', 'ef2fca54f2e3');

INSERT INTO rung.control VALUES (4, true, NULL, '2026-11-30 12:22:16.704097+00', NULL, NULL, NULL, 'postgres', '2026-11-30 12:22:16.704099+00');

INSERT INTO rung.format VALUES (2, '2026-11-30 12:22:15.589707+00');

INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-30 12:22:15.660819+00', 'postgres', 'up', 1, 'users', '42060571ab1bd0dce982ac4a6f3778b15fc3e6f857b1fb3e620171c8e3e80935', '00:00:00.014423', '3ff0d37aad54', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-30 12:22:15.669011+00', 'postgres', 'up', 2, 'name', '2d3109e4635a83756c65b154aa8f1e5c6ccd7c2ff4ec631c89943d9dd5cd9b24', '00:00:00.007507', '3ff0d37aad54', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-30 12:22:15.671644+00', 'postgres', 'up', 3, 'gone', '0985625fc85a69a5944098d911d8b9910b3276636ab60b9bc7bec8c3c3d99891', '00:00:00.002145', '3ff0d37aad54', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (4, '2026-11-30 12:22:15.977006+00', 'postgres', 'down', 3, 'gone', '7d53587d6cfd1d4b4093ac3d8f7df9e81c5706982df68a1b4168b7e26ad7da5e', '00:00:00.026982', 'b9968c0d86df', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (5, '2026-11-30 12:22:16.708541+00', 'postgres', 'pause', 4, 'half', NULL, NULL, 'e273e482b719', 'devel', NULL);

INSERT INTO rung.migrations VALUES (1, 'users', 'applied', '42060571ab1bd0dce982ac4a6f3778b15fc3e6f857b1fb3e620171c8e3e80935', 'de1015707e41d6682186c3440c58b222518e75eae7becfba74346468eefdfc5d', 'CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
INSERT INTO users (id) SELECT generate_series(1, 30);
', 'DROP TABLE users;
', 'postgres', '2026-11-30 12:22:15.645984+00', '00:00:00.014423', '3ff0d37aad54', 'devel', NULL, NULL);
INSERT INTO rung.migrations VALUES (2, 'name', 'applied', '2d3109e4635a83756c65b154aa8f1e5c6ccd7c2ff4ec631c89943d9dd5cd9b24', '5ca8f93aa3ab61aca4ea4346ec3effc449962a30afcc7c42c70b8625092abd70', 'ALTER TABLE users ADD COLUMN name text;
', 'ALTER TABLE users DROP COLUMN name;
', 'postgres', '2026-11-30 12:22:15.661418+00', '00:00:00.007507', '3ff0d37aad54', 'devel', NULL, NULL);
INSERT INTO rung.migrations VALUES (4, 'half', 'applying', '000cbfef4ce5661ee926b4954fcaa9ddb0cc91362cb0ce9e4657124ee8b2876d', 'ba841d3c80ea48f829e7f1fb59140b66da97027c489ed8759fa2db9e2da913be', 'CREATE TABLE half (id int);
COMMIT;
UPDATE users SET active = 1 / (25 - id) > 0 WHERE id BETWEEN $1 AND $2;
', 'DROP TABLE half;
', 'postgres', '2026-11-30 12:22:16.250009+00', NULL, 'ef2fca54f2e3', 'devel', NULL, NULL);

INSERT INTO rung.steps VALUES (4, 'up', 1, '0e6fa20a7c1be77ee8e128af6e56f91f8f3fcbe720e874360ea2740ce2c72a39', 'done', NULL, '2026-11-30 12:22:16.249613+00', '2026-11-30 12:22:16.262901+00', 'ef2fca54f2e3', NULL, NULL, NULL);
INSERT INTO rung.steps VALUES (4, 'up', 2, '3f540ba04e29303cf322afc0a5b33645465c72f6826efdb09432b17e2ca66795', 'failed', NULL, '2026-11-30 12:22:16.282517+00', '2026-11-30 12:22:16.298417+00', 'ef2fca54f2e3', 'public.users (id)', '{30}', 1180);

SELECT pg_catalog.setval('rung.log_id_seq', 5, true);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rung.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (version, direction, step, after_key);

ALTER TABLE ONLY rung.control
    ADD CONSTRAINT control_pkey PRIMARY KEY (version);

ALTER TABLE ONLY rung.format
    ADD CONSTRAINT format_pkey PRIMARY KEY (version);

ALTER TABLE ONLY rung.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rung.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY rung.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (version, direction, step);

ALTER TABLE ONLY rung.batches
    ADD CONSTRAINT batches_version_direction_step_fkey FOREIGN KEY (version, direction, step) REFERENCES rung.steps(version, direction, step) ON DELETE CASCADE;

ALTER TABLE ONLY rung.control
    ADD CONSTRAINT control_version_fkey FOREIGN KEY (version) REFERENCES rung.migrations(version) ON DELETE CASCADE;

ALTER TABLE ONLY rung.steps
    ADD CONSTRAINT steps_version_fkey FOREIGN KEY (version) REFERENCES rung.migrations(version) ON DELETE CASCADE;
