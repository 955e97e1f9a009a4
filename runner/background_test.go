package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// The helpers of the tests of background backfills, and what they do in good weather.

// later is a file that adds 1 to each n of t in the background, in small batches,
// behind a column that up adds; a file that needs neither; and one that requires it.
func later(options string) pairs {
	return pairs{
		"1_count.up.sql": "-- rung:background\nALTER TABLE t ADD COLUMN m int;\n-- rung:batch key=t.id " + options + "\n" +
			"UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n",
		"1_count.down.sql": "ALTER TABLE t DROP COLUMN m;\n",
		"2_other.up.sql":   "CREATE TABLE other ();\n",
		"2_other.down.sql": "DROP TABLE other;\n",
	}
}

// needing is later with a third file that requires the first.
func needing(options string) pairs {
	return later(options).with(pairs{"3_need.up.sql": "-- rung:requires 1\nALTER TABLE t ADD CHECK (n = 1);\n", "4_last.up.sql": "CREATE TABLE last ();\n"})
}

// work runs what is registered, and must succeed.
func work(t testing.TB, url string, f pairs, change ...func(*Config)) *Report {
	t.Helper()
	rep, err := testRunner(t, url, load(t, f), change...).Work(testContext(t), WorkRequest{})
	if err != nil {
		t.Fatalf("work: %v", err)
	}
	return rep
}

// states wants each version's state.
func states(t testing.TB, url, want string) {
	t.Helper()
	is(t, url, "SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM rung.migrations", want)
}

// background is the state of the only one.
func background(t testing.TB, url string, f pairs) Background {
	t.Helper()
	st, err := testRunner(t, url, load(t, f)).Status(testContext(t))
	if err != nil || len(st.Background) != 1 {
		t.Fatalf("%+v, %v", st, err)
	}
	return st.Background[0]
}

// up runs what stands before the batch, registers the rest, and goes on; work runs it
// once, and then there is nothing to do.
func TestBackground(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := later("rows=100 target=1ms")
	rep := up(t, url, f)
	if len(rep.Done) != 2 || !rep.Done[0].Registered || rep.Done[0].Rows != 1000 || rep.Done[1].Registered {
		t.Errorf("%+v", rep.Done)
	}
	states(t, url, "1 background, 2 applied")
	is(t, url, "SELECT sum(n) || ' ' || count(m) FROM t", "0 0")
	b := background(t, url, f)
	if b.State != BackfillWaits || b.Worker != nil || b.Attempts != 0 || b.Progress.Total != 1000 || b.RegisteredBy != "postgres" {
		t.Errorf("%+v", b)
	}
	if again := up(t, url, f); len(again.Done) != 0 || len(again.Background) != 1 {
		t.Errorf("%+v", again)
	}
	done := work(t, url, f)
	if len(done.Done) != 1 || done.Done[0].Version != "1" || len(done.Background) != 0 {
		t.Errorf("%+v", done)
	}
	everyOne(t, url)
	states(t, url, "1 applied, 2 applied")
	is(t, url, "SELECT count(*) FROM rung.background", "0")
	is(t, url, "SELECT string_agg(action || ' ' || version, ', ' ORDER BY id) FROM rung.log", "register 1, up 2, up 1")
	if again := work(t, url, f); len(again.Done) != 0 {
		t.Errorf("%+v", again)
	}
	down(t, url, f, Request{To: version("0")})
}

// In a fresh database up does all of it at once.
func TestBackgroundOfAnEmptyTable(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 0)
	rep := up(t, url, needing("rows=100"))
	if len(rep.Done) != 4 || rep.Done[0].Registered || len(rep.Background) != 0 {
		t.Errorf("%+v", rep)
	}
	states(t, url, "1 applied, 2 applied, 3 applied, 4 applied")
}

// A file that requires the backfill waits, and those behind it, in the run that
// registers it and in later ones; once it is done they run.
func TestBackgroundRequired(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := needing("rows=100 target=1ms")
	for range 2 {
		rep := up(t, url, f)
		if p := rep.Plan; len(p.Waiting) != 2 || p.Waiting[0].Version != "3" || len(p.WaitsFor) != 1 || p.WaitsFor[0] != "1" || len(p.Actions) != len(rep.Done) {
			t.Errorf("%+v", p)
		}
		states(t, url, "1 background, 2 applied")
	}
	work(t, url, f)
	up(t, url, f)
	states(t, url, "1 applied, 2 applied, 3 applied, 4 applied")
}

// With WorkBackfills up runs it at its place.
func TestUpWorks(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := needing("rows=100 target=1ms")
	rep, err := testRunner(t, url, load(t, f)).Up(testContext(t), UpRequest{WorkBackfills: true})
	must(t, err)
	if len(rep.Done) != 5 || rep.Done[2].Version != "1" || rep.Done[2].Registered {
		t.Errorf("%+v", rep.Done)
	}
	everyOne(t, url)
	states(t, url, "1 applied, 2 applied, 3 applied, 4 applied")
}

// A row that cannot be filled: the error names it, is in the history, and stops neither
// the other backfills nor, once it is fixed, the next work.
func TestBackgroundFails(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, "CREATE TABLE u (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO u SELECT generate_series(1, 300); ALTER TABLE t ADD CONSTRAINT small CHECK (id <> 777 OR n = 0)")
	f := needing("rows=100 target=1ms").with(pairs{"2_u.up.sql": "-- rung:background\n-- rung:batch key=u.id\nUPDATE u SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n"}).without("2_other.up.sql", "2_other.down.sql")
	up(t, url, f)
	rep, err := testRunner(t, url, load(t, f)).Work(testContext(t), WorkRequest{})
	var statement *StatementError
	if !errors.As(err, &statement) || statement.Key != "(777)" || !strings.HasPrefix(err.Error(), "sql/1_count.up.sql:4:1: new row") {
		t.Fatalf("%v", err)
	}
	if len(rep.Done) != 1 || rep.Done[0].Version != "2" {
		t.Errorf("%+v", rep.Done)
	}
	b := background(t, url, f)
	if b.State != BackfillFailed || b.Attempts != 1 || b.Keys != "(777)" || b.SQLState != "23514" || b.FailedAt == nil {
		t.Errorf("%+v", b)
	}
	var required *RequiredFailedError
	if _, err := upFails(t, url, f); !errors.As(err, &required) || required.File != "sql/3_need.up.sql" {
		t.Errorf("%v", err)
	}
	pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT small")
	work(t, url, f)
	everyOne(t, url)
	is(t, url, "SELECT count(*) FROM u WHERE n <> 1", "0")
	up(t, url, f)
	states(t, url, "1 applied, 2 applied, 3 applied, 4 applied")
}
