package runner

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// scopesRig is schemas of one database, whose Runners share their connections.
type scopesRig struct {
	*testing.T
	url      string
	sessions *Sessions
}

func newScopesRig(t *testing.T, schemas int) *scopesRig {
	r := &scopesRig{t, pgtest.URL(t), &Sessions{}}
	t.Cleanup(r.sessions.Close)
	for n := range schemas {
		pgtest.Exec(t, r.url, fmt.Sprintf("CREATE SCHEMA s%d", n+1))
	}
	return r
}

// look reads what all schemas have, as a run over them begins.
func (r *scopesRig) look(url string) {
	r.Helper()
	runner := testRunner(r, url, nil, r.sharing)
	must(r, runner.Prepare(testContext(r)))
	_, err := runner.Schemas(testContext(r))
	must(r, err)
}

func (r *scopesRig) sharing(c *Config) { c.Sessions = r.sessions }

func (r *scopesRig) scope(n int) func(*Config) {
	return func(c *Config) { c.Scope = fmt.Sprintf("s%d", n) }
}

// What schemas have in common is read once: behind the first one, each costs its lock,
// its file and the lock's release, whatever is in place.
func TestScopesCostThreeMessages(t *testing.T) {
	t.Parallel()
	const schemas = 6
	r := newScopesRig(t, schemas)
	p, through := pgtest.Proxy(t, r.url)
	var messages, statements atomic.Int64
	p.OnClientMessage(func(m proxy.Message) proxy.Action {
		if m.SQL() != "" {
			messages.Add(1)
		}
		return proxy.Forward
	})
	p.OnServerMessage(func(m proxy.Message) proxy.Action {
		if m.Tag() != "" {
			statements.Add(1)
		}
		return proxy.Forward
	})
	up(t, r.url, pairs{"1_t.up.sql": "CREATE TABLE t1 (id int);\n"}) // what the database has is not a schema's
	f := pairs{}
	for v := 1; v <= 3; v++ {
		f[fmt.Sprintf("%d_t.up.sql", v)] = fmt.Sprintf("CREATE TABLE t%d (id int);\n", v)
		f[fmt.Sprintf("%d_t.down.sql", v)] = fmt.Sprintf("DROP TABLE t%d;\n", v)
		r.look(through)
		for n := range schemas {
			messages.Store(0)
			statements.Store(0)
			up(t, through, f, r.sharing, r.scope(n+1))
			if n > 0 && (messages.Load() > 3 || statements.Load() > 35) {
				t.Errorf("version %d, schema %d: %d messages with %d statements", v, n+1, messages.Load(), statements.Load())
			}
		}
	}
	is(t, r.url, "SELECT count(*), count(DISTINCT scope), (SELECT count(*) FROM rung.log WHERE action = 'up' AND scope <> ''), (SELECT count(*) FROM pg_tables WHERE schemaname ~ '^s[0-9]') FROM rung.migrations WHERE state = 'applied' AND scope <> ''", "18|6|18|18")
}

// A schema that changes between the look at all of them and its own file is as it would
// be without the look.
func TestScopeThatChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	f := pairs{
		"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n",
		"2_b.up.sql": "CREATE TABLE b (id int);\n", "2_b.down.sql": "DROP TABLE b;\n",
		"4_d.up.sql": "CREATE TABLE d (id int);\n", "4_d.down.sql": "DROP TABLE d;\n",
	}
	was := f.without("4_d.up.sql", "4_d.down.sql")
	for name, c := range map[string]struct {
		change func(r *scopesRig)
		tables string // those of the schema behind it
		fails  string
	}{
		"another run applied it": {func(r *scopesRig) { up(r, r.url, f, r.scope(2)) }, "a b d", ""},
		"another run reverted":   {func(r *scopesRig) { down(r, r.url, was, Request{Steps: 1}, r.scope(2)) }, "a b d", ""},
		"all is reverted":        {func(r *scopesRig) { down(r, r.url, was, Request{To: version("0")}, r.scope(2)) }, "a b d", ""},
		"a later one came": {func(r *scopesRig) {
			up(r, r.url, was.with(pairs{"9_z.up.sql": "CREATE TABLE z (id int);\n"}), r.scope(2))
		}, "a b z", "have diverged"},
		"one came between": {func(r *scopesRig) {
			up(r, r.url, was.with(pairs{"3_c.up.sql": "CREATE TABLE c (id int);\n"}), r.scope(2))
		}, "a b c", "have diverged"},
		"a file is another": {func(r *scopesRig) {
			pgtest.Exec(r, r.url, "UPDATE rung.migrations SET up_checksum = repeat('0', 64) WHERE scope = 's2' AND version = 1")
		}, "a b", "was edited after it ran"},
		"one is half reverted": {func(r *scopesRig) {
			pgtest.Exec(r, r.url, "UPDATE rung.migrations SET state = 'reverting' WHERE scope = 's2' AND version = 1")
		}, "a b", "reverted in part"},
		"the schema is gone": {func(r *scopesRig) { pgtest.Exec(r, r.url, "DROP SCHEMA s2 CASCADE") }, "", "schema s2 is not there"},
		"nothing":            {func(*scopesRig) {}, "a b d", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newScopesRig(t, 3)
			for n := range 3 {
				up(t, r.url, was, r.scope(n+1))
			}
			r.look(r.url)
			up(t, r.url, f, r.sharing, r.scope(1))
			c.change(r)
			rep, err := testRunner(t, r.url, load(t, f), r.sharing, r.scope(2)).Up(testContext(t), UpRequest{})
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v", err)
			}
			if err != nil && len(rep.Done) > 0 {
				t.Errorf("%+v", rep.Done)
			}
			is(t, r.url, "SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = 's2'", c.tables)
			up(t, r.url, f, r.sharing, r.scope(3))
			is(t, r.url, "SELECT count(*) FROM rung.migrations WHERE scope = 's3' AND state = 'applied'", "3")
		})
	}
}

// What another one holds in its transaction is waited for, and then it is read again.
func TestScopeIsChangedMeanwhile(t *testing.T) {
	t.Parallel()
	r := newScopesRig(t, 2)
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "2_b.up.sql": "CREATE TABLE b (id int);\n"}
	for n := range 2 {
		up(t, r.url, f.without("2_b.up.sql"), r.scope(n+1))
	}
	r.look(r.url)
	up(t, r.url, f, r.sharing, r.scope(1))
	o := join(t, r.url)
	o.do("BEGIN; DELETE FROM rung.migrations WHERE scope = 's2'; DROP TABLE s2.a")
	ended := make(chan error, 1)
	go func() {
		_, err := testRunner(t, r.url, load(t, f), r.sharing, r.scope(2)).Up(testContext(t), UpRequest{})
		ended <- err
	}()
	o.blocks(r.url)
	o.do("COMMIT")
	must(t, <-ended)
	is(t, r.url, "SELECT count(*) FROM pg_tables WHERE schemaname = 's2' AND tablename IN ('a', 'b')", "2")
}

// Whether the work beside so many locks gets its answer is known only where an answer
// came while none of as many was released.
func TestLocksHeld(t *testing.T) {
	t.Parallel()
	var l locksHeld
	one := l.took()
	if l.isRoomy() {
		t.Error("before any answer")
	}
	answered := l.asks()
	two := l.took()
	answered()
	if l.isRoomy() {
		t.Error("two are held, and one was")
	}
	answered = l.asks()
	one()
	answered()
	one = l.took()
	if l.isRoomy() {
		t.Error("one was released before the answer came")
	}
	l.asks()()
	if !l.isRoomy() {
		t.Error("an answer came beside two")
	}
	two()
	if !l.isRoomy() {
		t.Error("one is held, and two were")
	}
	one()
}

// Texts wait for a lock no longer than anything else, whichever command brings them.
func TestTextsHaveTheLockTimeout(t *testing.T) {
	t.Parallel()
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	more := f.with(pairs{"2_b.up.sql": "CREATE TABLE b (id int);\n"})
	for name, do := range map[string]func(r *Runner) error{
		"up":       func(r *Runner) error { _, err := r.Up(testContext(t), UpRequest{}); return err },
		"together": func(r *Runner) error { _, err := r.Up(testContext(t), UpRequest{Together: true}); return err },
		"baseline": func(r *Runner) error { _, err := r.Baseline(testContext(t), "2"); return err },
		"redo":     func(r *Runner) error { _, err := r.Redo(testContext(t), Request{}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newScopesRig(t, 1)
			up(t, r.url, f, r.scope(1))
			o := join(t, r.url)
			o.do("DELETE FROM rung.texts")
			o.do("BEGIN; LOCK TABLE rung.texts IN SHARE MODE")
			err := do(testRunner(t, r.url, load(t, more), r.scope(1), func(c *Config) { c.LockTimeout = 100 * time.Millisecond }))
			if pq.As(err, pqerror.LockNotAvailable) == nil || !strings.Contains(err.Error(), "the text of sql/") {
				t.Errorf("%v", err)
			}
			if unreachable := (*UnreachableError)(nil); errors.As(err, &unreachable) {
				t.Errorf("%v", err)
			}
			is(t, r.url, "SELECT count(*) FROM rung.migrations", "1")
		})
	}
}
