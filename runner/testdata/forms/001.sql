CREATE SCHEMA rung;

CREATE TABLE public.half (
    id integer
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    active boolean,
    name text
);

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
    CONSTRAINT steps_direction_check CHECK ((direction = ANY (ARRAY['up'::text, 'down'::text]))),
    CONSTRAINT steps_state_check CHECK ((state = ANY (ARRAY['started'::text, 'failed'::text, 'done'::text])))
);

COMMENT ON TABLE rung.steps IS 'the checkpoints of files that run step by step';

COMMENT ON COLUMN rung.steps.prior_indexes IS 'the table''s indexes before a CREATE INDEX CONCURRENTLY started, so that a resumed run can tell which INVALID index is its own';

INSERT INTO public.half VALUES (1);

INSERT INTO public.users VALUES (1, NULL, NULL);
INSERT INTO public.users VALUES (2, NULL, NULL);
INSERT INTO public.users VALUES (3, NULL, NULL);
INSERT INTO public.users VALUES (4, NULL, NULL);
INSERT INTO public.users VALUES (5, NULL, NULL);
INSERT INTO public.users VALUES (6, NULL, NULL);
INSERT INTO public.users VALUES (7, NULL, NULL);
INSERT INTO public.users VALUES (8, NULL, NULL);
INSERT INTO public.users VALUES (9, NULL, NULL);
INSERT INTO public.users VALUES (10, NULL, NULL);
INSERT INTO public.users VALUES (11, NULL, NULL);
INSERT INTO public.users VALUES (12, NULL, NULL);
INSERT INTO public.users VALUES (13, NULL, NULL);
INSERT INTO public.users VALUES (14, NULL, NULL);
INSERT INTO public.users VALUES (15, NULL, NULL);
INSERT INTO public.users VALUES (16, NULL, NULL);
INSERT INTO public.users VALUES (17, NULL, NULL);
INSERT INTO public.users VALUES (18, NULL, NULL);
INSERT INTO public.users VALUES (19, NULL, NULL);
INSERT INTO public.users VALUES (20, NULL, NULL);
INSERT INTO public.users VALUES (21, NULL, NULL);
INSERT INTO public.users VALUES (22, NULL, NULL);
INSERT INTO public.users VALUES (23, NULL, NULL);
INSERT INTO public.users VALUES (24, NULL, NULL);
INSERT INTO public.users VALUES (25, NULL, NULL);
INSERT INTO public.users VALUES (26, NULL, NULL);
INSERT INTO public.users VALUES (27, NULL, NULL);
INSERT INTO public.users VALUES (28, NULL, NULL);
INSERT INTO public.users VALUES (29, NULL, NULL);
INSERT INTO public.users VALUES (30, NULL, NULL);

INSERT INTO rung.format VALUES (1, '2026-11-30 12:22:09.600325+00');

INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-30 12:22:09.720652+00', 'postgres', 'up', 1, 'users', '42060571ab1bd0dce982ac4a6f3778b15fc3e6f857b1fb3e620171c8e3e80935', '00:00:00.026463', '078c55ceb38b', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-30 12:22:09.730698+00', 'postgres', 'up', 2, 'name', '2d3109e4635a83756c65b154aa8f1e5c6ccd7c2ff4ec631c89943d9dd5cd9b24', '00:00:00.00124', '078c55ceb38b', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-30 12:22:09.734309+00', 'postgres', 'up', 3, 'gone', '0985625fc85a69a5944098d911d8b9910b3276636ab60b9bc7bec8c3c3d99891', '00:00:00.001848', '078c55ceb38b', 'devel', NULL);
INSERT INTO rung.log OVERRIDING SYSTEM VALUE VALUES (4, '2026-11-30 12:22:10.026327+00', 'postgres', 'down', 3, 'gone', '7d53587d6cfd1d4b4093ac3d8f7df9e81c5706982df68a1b4168b7e26ad7da5e', '00:00:00.017247', 'cc15e46c55e5', 'devel', NULL);

INSERT INTO rung.migrations VALUES (1, 'users', 'applied', '42060571ab1bd0dce982ac4a6f3778b15fc3e6f857b1fb3e620171c8e3e80935', 'de1015707e41d6682186c3440c58b222518e75eae7becfba74346468eefdfc5d', 'CREATE TABLE users (id bigint PRIMARY KEY, active boolean);
INSERT INTO users (id) SELECT generate_series(1, 30);
', 'DROP TABLE users;
', 'postgres', '2026-11-30 12:22:09.693901+00', '00:00:00.026463', '078c55ceb38b', 'devel', NULL, NULL);
INSERT INTO rung.migrations VALUES (2, 'name', 'applied', '2d3109e4635a83756c65b154aa8f1e5c6ccd7c2ff4ec631c89943d9dd5cd9b24', '5ca8f93aa3ab61aca4ea4346ec3effc449962a30afcc7c42c70b8625092abd70', 'ALTER TABLE users ADD COLUMN name text;
', 'ALTER TABLE users DROP COLUMN name;
', 'postgres', '2026-11-30 12:22:09.729275+00', '00:00:00.00124', '078c55ceb38b', 'devel', NULL, NULL);
INSERT INTO rung.migrations VALUES (4, 'half', 'applying', 'eb06abe55861ca857ff7acad9561b77a8403509f89d7975cb1c6f3e14914e816', 'ba841d3c80ea48f829e7f1fb59140b66da97027c489ed8759fa2db9e2da913be', '-- rung:no-transaction
CREATE TABLE half (id int);
INSERT INTO half VALUES (1);
ALTER TABLE half ADD CONSTRAINT positive CHECK (id > 1);
', 'DROP TABLE half;
', 'postgres', '2026-11-30 12:22:10.310216+00', NULL, '4032fd09c6c4', 'devel', NULL, NULL);

INSERT INTO rung.steps VALUES (4, 'up', 1, '0e6fa20a7c1be77ee8e128af6e56f91f8f3fcbe720e874360ea2740ce2c72a39', 'done', NULL, '2026-11-30 12:22:10.30981+00', '2026-11-30 12:22:10.32187+00', '4032fd09c6c4');
INSERT INTO rung.steps VALUES (4, 'up', 2, '1466e163cb62dd745fc63eb3a5e7ef8fff8937d0e8687f2847cc8d14ea62eeed', 'done', NULL, '2026-11-30 12:22:10.328035+00', '2026-11-30 12:22:10.328683+00', '4032fd09c6c4');

SELECT pg_catalog.setval('rung.log_id_seq', 4, true);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rung.format
    ADD CONSTRAINT format_pkey PRIMARY KEY (version);

ALTER TABLE ONLY rung.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rung.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY rung.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (version, direction, step);

ALTER TABLE ONLY rung.steps
    ADD CONSTRAINT steps_version_fkey FOREIGN KEY (version) REFERENCES rung.migrations(version) ON DELETE CASCADE;
