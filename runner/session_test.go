package runner

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// probe writes down all that a file can see of its session.
const probe = `INSERT INTO public.probe
SELECT (SELECT count(DISTINCT n) FROM public.probe), what, said FROM (
  SELECT 'setting ' || name, setting FROM pg_catalog.pg_settings WHERE name NOT IN ('lock_timeout', 'statement_timeout', 'transaction_deferrable')
  UNION ALL SELECT 'custom', coalesce(pg_catalog.current_setting('my.own', true), '')
  UNION ALL SELECT 'user', current_user || ' ' || session_user || ' ' || pg_catalog.current_setting('role')
  UNION ALL SELECT 'schemas', pg_catalog.current_schemas(false)::text
  UNION ALL SELECT 'temp', pg_catalog.count(*)::text FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()
  UNION ALL SELECT 'prepared', pg_catalog.count(*)::text FROM pg_catalog.pg_prepared_statements
  UNION ALL SELECT 'cursors', pg_catalog.count(*)::text FROM pg_catalog.pg_cursors
  UNION ALL SELECT 'listens', pg_catalog.count(*)::text FROM pg_catalog.pg_listening_channels()
  UNION ALL SELECT 'advisory locks', pg_catalog.count(*)::text FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid()
) AS seen (what, said);
`

// dirt is all that a file can leave behind in its session.
const dirt = `SET search_path = pg_catalog, dirty;
SET my.own = 'dirty';
SET work_mem = '77MB';
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE;
SET TIME ZONE 'Asia/Tokyo';
SET standard_conforming_strings = on;
SET client_min_messages = error;
SET datestyle = 'German';
SET default_transaction_read_only = on;
SET session_replication_role = replica;
SET row_security = off;
SET application_name = 'dirty';
SELECT set_config('bytea_output', 'escape', false);
CREATE TEMP TABLE left_behind (a int);
CREATE TEMP VIEW left_view AS SELECT 1 AS a;
PREPARE q AS SELECT 1;
DECLARE held CURSOR WITH HOLD FOR SELECT 1;
LISTEN news;
SELECT pg_advisory_lock(77), pg_advisory_lock_shared(78);
`

const becomeOther = `SET ROLE dirty_role;
SET SESSION AUTHORIZATION dirty_role;
SET ROLE dirty_member;
`

// Every file starts from the same session, whatever the one before it did.
func TestFilesStartFromTheSameSession(t *testing.T) {
	t.Parallel()
	url := pgtest.Server(t).URL("")
	pgtest.Exec(t, url, "CREATE ROLE dirty_role; CREATE ROLE dirty_member; GRANT dirty_member TO dirty_role; CREATE TABLE public.probe (n int, what text, said text); GRANT ALL ON public.probe TO PUBLIC; CREATE TABLE t (id int); GRANT ALL ON SCHEMA public TO PUBLIC; CREATE SEQUENCE tries; GRANT ALL ON SEQUENCE tries TO PUBLIC")
	again := "DO $$BEGIN IF nextval('public.tries') < 2 THEN RAISE serialization_failure; END IF; END$$;\n"
	f := pairs{
		"01_first.up.sql":             probe,
		"02_dirty.up.sql":             dirt + becomeOther,
		"03_probe.up.sql":             probe,
		"04_dirty_begin.up.sql":       "BEGIN;\n" + dirt + becomeOther + "COMMIT;\n",
		"05_probe.up.sql":             probe,
		"06_dirty_groups.up.sql":      "BEGIN;\n" + dirt + becomeOther + "COMMIT;\nBEGIN;\nSELECT 1;\nCOMMIT;\n",
		"07_probe.up.sql":             probe,
		"08_dirty_outside.up.sql":     strings.Split(dirt, "CREATE TEMP")[0] + "SET SESSION AUTHORIZATION postgres;\nVACUUM public.t;\n",
		"09_probe.up.sql":             probe,
		"10_dirty_stepwise.up.sql":    "-- rung:no-transaction\n" + dirt + "SET ROLE dirty_role;\nSELECT 1;\n",
		"11_probe.up.sql":             probe,
		"12_dirty_tried_twice.up.sql": dirt + becomeOther + again,
		"13_probe.up.sql":             probe,
		"14_dirty_copy.up.sql":        dirt + "COPY public.t FROM stdin;\n1\n\\.\n" + becomeOther + "COPY public.probe FROM stdin;\n\\.\n",
		"15_probe.up.sql":             probe,
		"16_probe_stepwise.up.sql":    "-- rung:no-transaction\n" + probe + "\nSELECT 1;",
	}
	up(t, url, f)
	for _, line := range pgtest.QueryStrings(t, url, `SELECT n, what, said, first FROM probe JOIN (SELECT what, said AS first FROM probe WHERE n = 0) AS f USING (what) WHERE said IS DISTINCT FROM first ORDER BY 1, 2`) {
		t.Error(line)
	}
	if n := pgtest.QueryString(t, url, "SELECT count(DISTINCT n) FROM probe"); n != "9" {
		t.Errorf("%s probes", n)
	}
	if n := pgtest.QueryString(t, url, "SELECT last_value FROM tries"); n != "2" {
		t.Errorf("file 12 was tried %s times", n)
	}
}
