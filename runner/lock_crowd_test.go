package runner

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtest"
	"rung/internal/sandbox"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
)

// Any number of runners may start at once on a server that has fewer connections
// than they are: one works, the others wait, and all find it done.
func TestMoreRunnersThanConnections(t *testing.T) {
	// How long it takes to get a connection among so many is the machine's affair.
	defer func(limit time.Duration) { secondLimit = limit }(secondLimit)
	secondLimit = 2 * time.Minute
	server := pgtest.ServerWith(t, sandbox.Config{Trust: true, Settings: map[string]string{"max_connections": "12", "superuser_reserved_connections": "0"}})
	// Each its own database: a test that cleans up behind the runners would be one
	// more that waits for a connection.
	database := func() string { return pgtest.Database(t, server.URL("")) }
	for name, url := range map[string]string{
		"straight":                         database(),
		"through PgBouncer's transactions": pgtest.PgBouncer(t, database(), "transaction", 4),
		"through PgBouncer's sessions":     pgtest.PgBouncer(t, database(), "session", 3),
	} {
		t.Run(name, func(t *testing.T) {
			f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\nSELECT pg_sleep(1);\n", "2_b.up.sql": "CREATE INDEX CONCURRENTLY ON a (id);\n"}
			errs := make([]error, 24)
			applied, wait := make([]int, len(errs)), sync.WaitGroup{}
			for i := range errs {
				wait.Go(func() {
					rep, err := testRunner(t, url, load(t, f), func(c *Config) { c.LockWait = 2 * time.Minute }).Up(t.Context(), UpRequest{})
					errs[i], applied[i] = err, len(rep.Done)
				})
			}
			wait.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
			}
			slices.Sort(applied)
			if got := fmt.Sprint(applied[len(applied)-2:]); got != "[0 2]" {
				t.Errorf("applied %v", applied)
			}
		})
	}
}

// Where only one connection can be had, that is said within seconds, and nothing
// is applied.
func TestOneConnectionIsTooFew(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t).URL("")
	pgtest.Exec(t, server, "CREATE ROLE lonely LOGIN CONNECTION LIMIT 1")
	for name, through := range map[string]func(direct string) string{
		"transactions": func(direct string) string { return pgtest.PgBouncer(t, direct, "transaction", 1) },
		"sessions":     func(direct string) string { return pgtest.PgBouncer(t, direct, "session", 1) },
		"role":         func(direct string) string { return pgtest.AsUser(t, direct, "lonely") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for seconds
			direct := pgtest.Database(t, server)
			pgtest.Exec(t, direct, "GRANT CREATE ON DATABASE "+databaseOf(t, direct)+" TO lonely; GRANT CREATE ON SCHEMA public TO lonely")
			start := time.Now()
			_, err := upFails(t, through(direct), pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n"})
			var hinted *HintedError
			var unreachable *UnreachableError
			if !errors.As(err, &hinted) || hinted.Hint != twoConnections || !errors.As(err, &unreachable) {
				t.Errorf("%v", err)
			}
			if took := time.Since(start); took > 3*secondLimit {
				t.Errorf("said after %s", took)
			}
			if got := pgtest.QueryString(t, direct, "SELECT count(*) FROM pg_tables WHERE tablename IN ('a', 'migrations')"); got != "0" {
				t.Errorf("%s tables", got)
			}
		})
	}
}

// A lock whose runner is gone without a word dies by itself: its transaction may
// be idle for a minute, and each of the runner's questions begins the minute anew.
func TestLockOfAVanishedRunnerDies(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	l := holdLock(t, url)
	defer l.Release()
	limit := func() (got string) {
		must(t, l.Session.Query(t.Context(), "SHOW idle_in_transaction_session_timeout", func(rows *sql.Rows) error { return rows.Scan(&got) }))
		return got
	}
	if got := limit(); got != "1min" {
		t.Errorf("idle for %s at first", got)
	}
	if _, err := l.Blockers(t.Context(), 1, ""); err != nil || limit() != "1min" {
		t.Errorf("idle for %s behind a question, %v", limit(), err)
	}
	// The minute in a hundredth: as for a process that was stopped for longer.
	must(t, l.Session.Exec(t.Context(), "SET LOCAL idle_in_transaction_session_timeout = 600"))
	for deadline := time.Now().Add(30 * time.Second); !l.Session.Readable(); {
		if time.Now().After(deadline) {
			t.Fatal("the lock's session lives on")
		}
		time.Sleep(10 * time.Millisecond)
	}
	a := lock.NewMonitor(l, asEvents{}, 0, nil)
	if a.Held() {
		t.Error("the runner believes that it has the lock")
	}
	other := holdLock(t, url)
	other.Release()
}

// So it does where the machine is gone: nothing arrives any more, and nobody says
// that the connection has ended. Behind PgBouncer it is that which hears nothing.
func TestLockOfAVanishedMachineDies(t *testing.T) {
	t.Parallel()
	for name, through := range map[string]func(direct string) string{
		"the server": func(direct string) string { return direct },
		"PgBouncer":  func(direct string) string { return pgtest.PgBouncer(t, direct, "transaction", 5) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := pgtest.URL(t)
			p, url := pgtest.Proxy(t, through(direct))
			l := holdLock(t, url)
			defer l.Release()
			must(t, l.Session.Exec(t.Context(), "SET LOCAL idle_in_transaction_session_timeout = 600")) // the minute in a hundredth
			is(t, direct, advisoryLocks, "true")
			p.Blackhole(true)
			eventually(t, "the server lets go of the lock", func() bool { return ask(t, direct, advisoryLocks) == "false" })
			holdLock(t, direct).Release()
			p.CutAll()
		})
	}
}

const advisoryLocks = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))::text"

// What waiting cures is waited for, and nothing else.
func TestWorthWaiting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code    string
		message string
		want    bool
	}{
		{string(pqerror.CannotConnectNow), "the database system is starting up", true},
		{string(pqerror.TooManyConnections), "sorry, too many clients already", true},
		{string(pqerror.ProtocolViolation), "no more connections allowed (max_client_conn)", true},
		{string(pqerror.ProtocolViolation), "bad startup packet", false},
		{string(pqerror.InvalidPassword), "password authentication failed", false},
		{string(pqerror.InvalidCatalogName), "no such database", false},
		{string(pqerror.InvalidAuthorizationSpecification), "pg_hba.conf rejects connection", false},
	} {
		err := &UnreachableError{Err: fmt.Errorf("connect: %w", &pq.Error{Code: pqerror.Code(c.code), Message: c.message})}
		if got := pgconn.WorthWaiting(err); got != c.want {
			t.Errorf("%s: %t", c.message, got)
		}
	}
	for _, err := range []error{pq.ErrSSLNotSupported, pq.ErrSSLKeyHasWorldPermissions, errors.New("x509: certificate signed by unknown authority")} {
		if pgconn.WorthWaiting(&UnreachableError{Err: err}) {
			t.Errorf("waits for %v", err)
		}
	}
	_, err := pgconn.Connect(t.Context(), pgconn.Target{Config: pq.Config{Host: "127.0.0.1", Port: 1, SSLMode: pq.SSLModeDisable}})
	if !pgconn.WorthWaiting(err) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("does not wait for %v", err)
	}
}
