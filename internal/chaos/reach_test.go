package chaos

import (
	"net"
	"strings"
	"syscall"
	"testing"

	"rung/internal/pgtest"
)

func TestServerIsNotThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "postgres://postgres@" + l.Addr().String() + "/postgres?sslmode=disable"
	l.Close()
	dir := files(t, map[string]string{"1_t.up.sql": "SELECT 1"})
	for _, args := range []string{"up", "down", "status", "plan", "wait --wait 1s", "up --wait 1s"} {
		p := start(t, nobody, dir, append(strings.Fields(args), "--json")...).must(5)
		if e := p.json().Error; e.Kind != "unreachable" || !strings.Contains(e.Message, "connect to "+l.Addr().String()) {
			t.Errorf("%s: %+v", args, e)
		}
	}
}

func TestServerComesUpLate(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), files(t, map[string]string{"1_t.up.sql": "CREATE TABLE t ()"})
	px, through := pgtest.Proxy(t, url)
	refuse := func(on bool) {
		if err := px.Refuse(on); err != nil {
			t.Fatal(err)
		}
	}
	refuse(true)
	var ps []*process
	for _, command := range []string{"up", "up", "wait", "status"} {
		p := start(t, through, dir, command, "--wait", "10m")
		eventually(t, command+" waits", func() bool { return strings.Contains(p.stderr.String(), "waiting for the server") })
		ps = append(ps, p)
	}
	refuse(false)
	for _, p := range ps {
		p.must(0)
	}
	if got := logged(t, url); got != "up 1" {
		t.Errorf("the log says %s", got)
	}
}

func TestSignalWhileWaitingForTheServer(t *testing.T) {
	t.Parallel()
	for name, s := range signals {
		t.Run(name+", and nobody listens", func(t *testing.T) {
			t.Parallel()
			px, through := pgtest.Proxy(t, "postgres://postgres@127.0.0.1:1/postgres?sslmode=disable")
			if err := px.Refuse(true); err != nil {
				t.Fatal(err)
			}
			p := start(t, through, files(t, map[string]string{"1_t.up.sql": "SELECT 1"}), "up", "--wait", "1h")
			eventually(t, "rung waits", func() bool { return strings.Contains(p.stderr.String(), "waiting for the server") })
			p.signal(s.sig)
			p.must(s.exit).said("nothing was run")
		})
		t.Run(name+", and who listens says nothing", func(t *testing.T) {
			t.Parallel()
			px, through := pgtest.Proxy(t, pgtest.URL(t))
			px.Blackhole(true)
			p := start(t, through, files(t, map[string]string{"1_t.up.sql": "SELECT 1"}), "up", "--wait", "1h")
			eventually(t, "rung connects", func() bool { return px.Stats().Conns > 0 })
			p.signal(s.sig)
			p.must(s.exit).said("nothing was run")
		})
	}
}

// The role may have one connection only, and rung needs two.
func TestRoleWithOneConnection(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	role := reporter(t, url)
	pgtest.Exec(t, url, "ALTER ROLE "+role+" CONNECTION LIMIT 1; CREATE SCHEMA rung AUTHORIZATION "+role)
	dir := files(t, map[string]string{"1_t.up.sql": "SELECT 1"})
	p := start(t, pgtest.AsUser(t, url, role), dir, "up").must(5)
	p.said("too many connections for role", "rung needs two connections")
	pgtest.Exec(t, url, "ALTER ROLE "+role+" CONNECTION LIMIT 2")
	run(t, pgtest.AsUser(t, url, role), dir, "up")
	pgtest.Exec(t, url, "DROP OWNED BY "+role)
}

func TestPoolOfOneConnection(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pooled := pgtest.PgBouncer(t, url, "transaction", 1)
	dir := files(t, map[string]string{"1_t.up.sql": "SELECT 1"})
	start(t, pooled, dir, "up").must(5).said("no answer in 8s beside the connection that holds the lock", "rung needs two connections")
	if got := states(t, url); got != "" {
		t.Errorf("the history says %s", got)
	}
	mustBeFree(t, url)
	run(t, pgtest.PgBouncer(t, url, "transaction", 2), dir, "up")
}

// Go ends a program that crashed with 2, which says of rung that files or usage
// are bad. SIGQUIT goes the same way as a crash.
func TestACrashIsNoUsageError(t *testing.T) {
	t.Parallel()
	px, through := pgtest.Proxy(t, "postgres://postgres@127.0.0.1:1/postgres?sslmode=disable")
	if err := px.Refuse(true); err != nil {
		t.Fatal(err)
	}
	p := start(t, through, files(t, map[string]string{"1_t.up.sql": "SELECT 1"}), "up", "--wait", "1h")
	eventually(t, "rung waits", func() bool { return strings.Contains(p.stderr.String(), "waiting for the server") })
	p.signal(syscall.SIGQUIT)
	p.must(134)
}
