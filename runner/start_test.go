package runner

import (
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner/internal/pgconn"
)

// asStarted writes down what a text, a date and a setting mean to a file.
const asStarted = "INSERT INTO said SELECT 'é', length('é'), date '03/04/2024' - date '2024-01-01', current_setting('TimeZone'), current_setting('application_name'), '03/04/2024'::date::text;\n"

// Through PgBouncer a file reads texts and dates as the one before it did,
// though the server connection has other defaults than the client asked for.
func TestPgBouncerKeepsWhatTheClientAskedFor(t *testing.T) {
	t.Parallel()
	direct := encoded(t, "LATIN1")
	pgtest.Exec(t, direct, `CREATE TABLE said (text text, length int, days int, zone text, name text, shown text);
		DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle = ''SQL, DMY''', current_database()); END$$`)
	url := pgtest.PgBouncer(t, direct, "transaction", 4) + "&TimeZone=Asia/Tokyo&application_name=mine"
	again := "DO $$BEGIN IF nextval('tries') < 2 THEN RAISE serialization_failure; END IF; END$$;\n"
	pgtest.Exec(t, direct, "CREATE SEQUENCE tries")
	f := pairs{
		"1_a.up.sql":   asStarted,
		"2_b.up.sql":   asStarted,
		"2_b.down.sql": "SELECT 'ü';\n",
		"3_c.up.sql":   "-- rung:no-transaction\n" + asStarted + asStarted + "VACUUM said;\n" + asStarted,
		"4_d.up.sql":   asStarted + again,
		"5_e.up.sql":   "-- rung:no-transaction\nSELECT 1;\n" + asStarted + "BEGIN;\n" + asStarted + strings.ReplaceAll(again, "tries') < 2", "tries') < 4") + "COMMIT;\n",
		"6_f.up.sql":   "-- rung:batch key=t.id rows=10\nINSERT INTO said SELECT 'é', length('é'), date '03/04/2024' - date '2024-01-01', current_setting('TimeZone'), current_setting('application_name'), '03/04/2024'::date::text FROM t WHERE id BETWEEN $1 AND $2;\n",
	}
	pgtest.Exec(t, direct, "CREATE TABLE t AS SELECT generate_series(1, 30) AS id; CREATE UNIQUE INDEX ON t (id)")
	up(t, url, f)
	// The second run meets a record from its first read on.
	f = f.with(pairs{"7_g.up.sql": asStarted, "8_h.up.sql": asStarted})
	up(t, url, f)
	want := []string{"é|1|63|Asia/Tokyo|mine|2024-03-04|40"}
	if got := pgtest.QueryStrings(t, direct, "SELECT text, length, days, zone, name, shown, count(*) FROM said GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7"); !slices.Equal(got, want) {
		t.Errorf("files meant %q\nwant %q", got, want)
	}
	is(t, direct, "SELECT down_sql FROM rung.migrations WHERE version = 2", f["2_b.down.sql"])
	is(t, direct, "SELECT count(*) FROM rung.migrations WHERE up_sql LIKE '%é%' AND length(up_sql) > 5", "8")
}

// What is set again after a RESET ALL is what a pooler holds for the client,
// where the client asked for it.
func TestAskedBy(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://h/d": "client_encoding DateStyle application_name",
		"postgres://h/d?timezone=Asia/Tokyo&work_mem=1MB":                                     "client_encoding DateStyle application_name TimeZone",
		"postgres://h/d?options=-cintervalstyle%3Diso_8601&log_connections=on":                "client_encoding DateStyle application_name IntervalStyle",
		"postgres://h/d?search_path=a&standard_conforming_strings=off&IntervalStyle=iso_8601": "client_encoding DateStyle application_name standard_conforming_strings IntervalStyle search_path",
	} {
		cfg, err := pq.NewConfig(url)
		must(t, err)
		if got := strings.Join(pgconn.AskedBy(cfg).Names, " "); got != want {
			t.Errorf("%s: %s\nwant %s", url, got, want)
		}
	}
}

// The search_path of the URL is that of every step, whether the run found a
// history or none, and though rung's own messages have another.
func TestSearchPathOfTheURLIsTheFiles(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t)
	pgtest.Exec(t, direct, "CREATE SCHEMA app; CREATE TABLE app.said (path text)")
	const says = "INSERT INTO said VALUES (current_setting('search_path'));\n"
	f := pairs{
		"1_a.up.sql": "-- rung:no-transaction\n" + says + "VACUUM said;\n" + says,
		"2_b.up.sql": says,
	}
	for _, by := range []string{"&search_path=app,public", "&options=-c%20search_path%3Dapp,public"} {
		up(t, direct+by, f)
		up(t, direct+by, f.with(pairs{"3_c.up.sql": "-- rung:no-transaction\n" + says + says}))
		is(t, direct, "SELECT path, count(*) FROM app.said GROUP BY 1", "app,public|5")
		pgtest.Exec(t, direct, "DROP SCHEMA rung CASCADE; TRUNCATE app.said")
	}
}
