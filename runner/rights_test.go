package runner

import (
	"errors"
	"fmt"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// Who may not create schemas can still migrate, once the schema is there; and
// who may not even write can read.
func TestRights(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t).URL("")
	super := pgtest.Database(t, server)
	pgtest.Exec(t, super, `CREATE ROLE ordinary LOGIN; CREATE ROLE reader LOGIN; REVOKE ALL ON DATABASE `+databaseOf(t, super)+` FROM PUBLIC; GRANT CONNECT ON DATABASE `+databaseOf(t, super)+` TO ordinary, reader;
		CREATE SCHEMA app AUTHORIZATION ordinary`)
	ordinary, reader := pgtest.AsUser(t, super, "ordinary"), pgtest.AsUser(t, super, "reader")
	f := pairs{
		"1_a.up.sql": "CREATE TABLE app.a (id int);\n", "1_a.down.sql": "DROP TABLE app.a;\n",
		"2_b.up.sql": "CREATE INDEX CONCURRENTLY ON app.a (id);\n", "2_b.down.sql": "DROP INDEX CONCURRENTLY app.a_id_idx;\n",
	}
	_, err := upFails(t, ordinary, f)
	var hinted *HintedError
	if !errors.As(err, &hinted) || hinted.Hint != "ask the database's owner to run GRANT CREATE ON DATABASE "+databaseOf(t, super)+" TO ordinary, or a superuser to run CREATE SCHEMA rung AUTHORIZATION ordinary" {
		t.Errorf("%v", err)
	}
	if n := pgtest.QueryString(t, super, "SELECT count(*) FROM pg_class WHERE relnamespace = 'app'::regnamespace"); n != "0" {
		t.Error("something was applied without a record")
	}
	r := testRunner(t, reader, load(t, f))
	if st, err := r.Status(testContext(t)); err != nil || st.Pending() != 2 {
		t.Errorf("a reader before the history: %+v, %v", st, err)
	}
	pgtest.Exec(t, super, `CREATE SCHEMA "The Record"; GRANT USAGE ON SCHEMA "The Record" TO ordinary`)
	_, err = upFails(t, ordinary, f, func(c *Config) { c.HistorySchema = "The Record" })
	if !errors.As(err, &hinted) || hinted.Hint != `ask the schema's owner to run GRANT USAGE, CREATE ON SCHEMA "The Record" TO ordinary` {
		t.Errorf("%v", err)
	}
	pgtest.Exec(t, super, "CREATE SCHEMA rung AUTHORIZATION ordinary")
	up(t, ordinary, f)
	if _, err := r.Status(testContext(t)); !errors.As(err, &hinted) || hinted.Hint != "GRANT USAGE ON SCHEMA rung, and SELECT on its tables, to this role" {
		t.Errorf("a reader without rights: %v", err)
	}
	pgtest.Exec(t, super, "GRANT USAGE ON SCHEMA rung TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA rung TO reader")
	if st, err := r.Status(testContext(t)); err != nil || st.Pending() != 0 {
		t.Errorf("a reader: %+v, %v", st, err)
	}
	if log, err := r.History(testContext(t), 0); err != nil || len(log) != 2 || log[0].Actor != "ordinary" {
		t.Errorf("a reader: %+v, %v", log, err)
	}
	if _, err := r.Plan(testContext(t), Down, UpRequest{Request: Request{To: version("0"), DownFrom: FromRecorded}}); err != nil {
		t.Errorf("a reader: %v", err)
	}
	down(t, ordinary, f, Request{To: version("0")})
}

// Reading works where nothing can be written at all.
func TestReadingIsFree(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "SELECT 1;\n", "2_b.up.sql": "SELECT 2;\n"}
	up(t, url, f.without("2_b.up.sql"))
	pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END$$")
	r := testRunner(t, url, load(t, f))
	if st, err := r.Status(testContext(t)); err != nil || st.Pending() != 1 {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := r.Plan(testContext(t), Up, UpRequest{}); err != nil {
		t.Error(err)
	}
	if _, err := r.Status(testContext(t)); err != nil {
		t.Error(err)
	}
	if _, err := r.History(testContext(t), 0); err != nil {
		t.Error(err)
	}
	if byHandScript(t, url, load(t, f), Up, UpRequest{}) == "" {
		t.Error("no script")
	}
}

func databaseOf(t *testing.T, url string) string {
	t.Helper()
	return pgtest.QueryString(t, url, "SELECT quote_ident(current_database())")
}

// Who may read the history and not the SQL in it is told of an edited file too.
func TestEditedFileWithoutReadingSQL(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE ROLE monitoring LOGIN; CREATE SCHEMA one")
	f := pairs{"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": "SELECT 2;\n"}
	for _, scope := range []string{"", "one"} {
		in := func(c *Config) { c.Scope = scope }
		up(t, url, f, in)
		pgtest.Exec(t, url, `GRANT USAGE ON SCHEMA rung TO monitoring;
			GRANT SELECT ON rung.format, rung.applied, rung.steps, rung.batches, rung.control, rung.background, rung.log TO monitoring`)
		r := testRunner(t, pgtest.AsUser(t, url, "monitoring"), load(t, pairs{"1_a.up.sql": "SELECT 3;\n", "1_a.down.sql": "SELECT 4;\n"}), in)
		st, err := r.Status(testContext(t))
		if err != nil || len(st.Findings) != 2 || st.Findings[0].Kind != EditedUp || st.Findings[0].Diff != "" {
			t.Errorf("%q: %+v, %v", scope, st, err)
		}
		var edited *DisagreementError
		if _, err := r.Plan(testContext(t), Up, UpRequest{}); !errors.As(err, &edited) {
			t.Errorf("%q: %v", scope, err)
		}
	}
}

// What a superuser's rung adds to the history is of the role that owns the rest, which
// owns the database.
func TestUpgradeKeepsTheOwner(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE ROLE "The Owner" LOGIN; CREATE SCHEMA "The History" AUTHORIZATION "The Owner"; CREATE SCHEMA app AUTHORIZATION "The Owner";
		ALTER DATABASE `+databaseOf(t, url)+` OWNER TO "The Owner"`)
	owner := pgtest.AsUser(t, url, "The Owner")
	in := func(c *Config) { c.HistorySchema = "The History" }
	b := store.Book{Schema: "The History"}
	for n := range store.FormatOfScopes - 1 {
		pgtest.Exec(t, owner, b.SQL(fmt.Sprintf("format/%03d", n+1), nil))
	}
	f := pairs{"1_a.up.sql": "-- rung:no-transaction\nSELECT 1;\n"}
	up(t, url, f, in)
	f = f.with(pairs{"2_b.up.sql": "-- rung:no-transaction\nSELECT 2;\n"})
	if st, err := testRunner(t, owner, load(t, f), in).Status(testContext(t)); err != nil || st.Pending() != 1 {
		t.Errorf("%+v, %v", st, err)
	}
	up(t, owner, f, in)
	up(t, owner, f, in, func(c *Config) { c.Scope = "app" })
	is(t, url, "SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class WHERE relnamespace = '\"The History\"'::regnamespace", `"The Owner"`)
}
