package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// strayPool is a PgBouncer in transaction mode with so many open server
// connections, before a database with a table t in two schemas.
func strayPool(t *testing.T, size int, lines ...string) (direct, through string) {
	t.Helper()
	direct = pgtest.URL(t)
	pgtest.Exec(t, direct, "CREATE SCHEMA s1; CREATE TABLE s1.t (x int); CREATE TABLE public.t (x int)")
	through = pgtest.PgBouncer(t, direct, "transaction", size, lines...)
	var all []func()
	for range size {
		all = append(all, occupy(t, through))
	}
	for _, done := range all {
		done()
	}
	return direct, through
}

// Where a pooler hands each message to another server, a statement outside of
// a transaction is not sent without the SETs, the role or the limits before
// it, and none of them is left to other clients.
func TestStrayedSETs(t *testing.T) {
	t.Parallel()
	direct, through := strayPool(t, 4, "server_round_robin = 1")
	pgtest.Exec(t, direct, `DO $$BEGIN CREATE ROLE stray_maker; EXCEPTION WHEN duplicate_object THEN NULL; END$$;
		GRANT ALL ON SCHEMA s1, public TO stray_maker; ALTER TABLE s1.t OWNER TO stray_maker;
		DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO stray_maker', current_database()); END$$`)
	asMaker := func(c *Config) { c.Role = "stray_maker" }
	plain := func(*Config) {}
	const parts = "a pooler in transaction mode separates "
	const straight = " from the statement; connect directly to the server, or "
	for name, c := range map[string]struct {
		sql, lost, hint string
		change          func(*Config)
	}{
		"SETs":          {"SET search_path = s1;\nCREATE INDEX CONCURRENTLY ti ON t (x);\n", "the file's SETs", "write the statement's names with their schema and remove the SETs", plain},
		"SETs and role": {"SELECT set_config('search_path', 's1', false);\nCREATE INDEX CONCURRENTLY ti ON t (x);\n", "the file's SETs and --role", "write the statement's names with their schema and remove the SETs", asMaker},
		"role":          {"CREATE INDEX CONCURRENTLY ti ON s1.t (x);\n", "--role", "write the statement's names with their schema and remove the SETs", asMaker},
		"limits":        {"VACUUM t;\n", "the statement's lock_timeout", "turn it off with `-- rung:lock-timeout 0` at the head of the file", plain},
	} {
		_, err := upFails(t, through, pairs{"1_x.up.sql": c.sql}, c.change)
		e := failing(t, err)
		line := strings.Count(c.sql, "\n")
		if want := "it was not sent: a pooler has sent " + c.lost + " to another server"; e.Err.Error() != want || e.Line != line {
			t.Errorf("%s: line %d: %v\nwant %s", name, e.Line, e, want)
		}
		if want := parts + c.lost + straight + c.hint; e.Hint != want {
			t.Errorf("%s: %s\nwant %s", name, e.Hint, want)
		}
		is(t, direct, "SELECT count(*) FROM pg_indexes WHERE indexname = 'ti'", "0")
		is(t, direct, "SELECT state FROM rung.steps", "failed")
		clean(t, through)
		for range 8 {
			is(t, through, "SELECT current_user, current_setting('search_path'), current_setting('lock_timeout')", `postgres|"$user", public|0`)
		}
		pgtest.Exec(t, direct, "DROP SCHEMA rung CASCADE")
	}
	// What the hints say gets through.
	up(t, through, pairs{"1_x.up.sql": "CREATE INDEX CONCURRENTLY ti ON s1.t (x);\n", "2_y.up.sql": "-- rung:lock-timeout 0\nVACUUM t;\n"})
}

// strayedSession is a worker at a step whose SETs are sent.
func strayedSession(t *testing.T, url string) (w *worker, a Action) {
	t.Helper()
	f := pairs{"1_x.up.sql": "SET search_path = s1;\nCREATE INDEX CONCURRENTLY ti ON t (x);\n"}
	w, err := testRunner(t, url, load(t, f)).open(testContext(t), nil, 0, reading{gate: store.Whole})
	must(t, err)
	t.Cleanup(func() { w.session.Conn.Close() })
	w.session.Monitor = lock.NewMonitor(nil, asEvents{w.emit}, 0, nil)
	p, err := plan.PlanUp(w.cfg.Dir, w.history.Rec, Request{})
	must(t, err)
	return w, p.Actions[0]
}

// occupy keeps the server connection that the pool would give out next.
func occupy(t *testing.T, through string) (release func()) {
	t.Helper()
	tx, release := begin(t, through)
	_, err := tx.Exec("SELECT 1")
	must(t, err)
	return release
}

// isStray wants an error of a statement that ran apart from its SETs, which is
// not one of the connection.
func isStray(t *testing.T, direct string, err error) {
	t.Helper()
	var strayed *pgconn.StrayedError
	if !errors.As(err, &strayed) || !strayed.Ran || pgconn.IsLost(err) {
		t.Errorf("%v", err)
	}
	is(t, direct, "SELECT schemaname FROM pg_indexes WHERE indexname = 'ti'", "public")
}

// A statement that was parted from its SETs after the first look is told from
// one that was not.
func TestStrayedStatement(t *testing.T) {
	t.Parallel()
	t.Run("the second look meets another server", func(t *testing.T) {
		t.Parallel()
		direct, through := strayPool(t, 2)
		w, a := strayedSession(t, through)
		var release func()
		err := w.session.AsFile(testContext(t), a.At(0), func() error {
			release = occupy(t, through)
			return w.session.Checkpoints(a.At(0)).Alone(testContext(t), "")
		})
		release()
		isStray(t, direct, err)
	})
	t.Run("the second look meets the first server", func(t *testing.T) {
		t.Parallel()
		direct, through := strayPool(t, 2, "server_round_robin = 1")
		w, a := strayedSession(t, through)
		releaseSecond := occupy(t, through)
		o := join(t, direct)
		o.do("BEGIN; INSERT INTO public.t VALUES (1)")
		isStray(t, direct, w.session.AsFile(testContext(t), a.At(0), func() error {
			releaseFirst := occupy(t, through)
			releaseSecond()
			done := make(chan error)
			go func() { done <- w.session.Checkpoints(a.At(0)).Alone(testContext(t), "") }()
			o.blocks(direct) // so that the first server is free before the second one
			releaseFirst()
			o.do("COMMIT")
			return <-done
		}))
	})
	t.Run("an error of the server's gets the hint", func(t *testing.T) {
		t.Parallel()
		direct, through := strayPool(t, 2)
		pgtest.Exec(t, direct, "DROP TABLE public.t")
		w, a := strayedSession(t, through)
		var release func()
		err := w.session.AsFile(testContext(t), a.At(0), func() error {
			release = occupy(t, through)
			return w.session.Checkpoints(a.At(0)).Alone(testContext(t), "")
		})
		release()
		e := w.outcomes.failed(testContext(t), a.At(0), err)
		if got := e.statement.Error(); got != `sql/1_x.up.sql:2:1: relation "t" does not exist (42P01)` || !strings.Contains(e.statement.Hint, "write the statement's names with their schema") {
			t.Errorf("%s\nhint: %s", got, e.statement.Hint)
		}
	})
	t.Run("a server that keeps the session", func(t *testing.T) {
		t.Parallel()
		direct, _ := strayPool(t, 2)
		w, a := strayedSession(t, direct)
		for range 2 {
			must(t, w.session.AsFile(testContext(t), a.At(0), func() error { return w.session.Checkpoints(a.At(0)).Alone(testContext(t), "") }))
			is(t, direct, "SELECT schemaname FROM pg_indexes WHERE indexname = 'ti'", "s1")
			pgtest.Exec(t, direct, "DROP INDEX s1.ti")
		}
	})
}
