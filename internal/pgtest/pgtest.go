// Package pgtest is what the tests of this module run against: real PostgreSQL
// servers, a database for each test, real PgBouncer, and helpers to ask them.
// A network that misbehaves on demand is in pgtest/proxy.
//
// A package that uses URL has
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// Where something is missing, tests fail and say what to install. They never
// skip: a test that did not run has proved nothing.
package pgtest

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rung/internal/sandbox"
)

// Main runs a package's tests and then stops the server that they shared.
// Before that it takes the addresses of databases out of the environment: no
// test can meet a developer's own.
func Main(m *testing.M) {
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "DATABASE_URL") {
			_ = os.Unsetenv(name)
		}
	}
	severalAtOnce()
	m.Run() // when TestMain returns, its result becomes the exit status
	if s := shared.started.Load(); s != nil {
		if err := s.Stop(); err != nil {
			panic(fmt.Errorf("stop the shared server: %w", err))
		}
	}
}

// severalAtOnce lets more tests run at once than there are processors, unless -parallel
// says how many: most of their time they wait, for a lock, for a time limit or for the
// server, which has one process for each. Where there are many processors no more than
// usual, for the shared server has 200 connections.
func severalAtOnce() {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		processors := runtime.GOMAXPROCS(0)
		_ = flag.Set("test.parallel", strconv.Itoa(max(processors, min(3*processors, 12))))
	}
}

// shared is the one server of a test binary. Should Main not be reached, by a
// panic or a time-out, the sandbox's watchdog stops it.
var shared struct {
	once    sync.Once
	started atomic.Pointer[sandbox.Server]
	err     error
}

func sharedServer(tb testing.TB) *sandbox.Server {
	tb.Helper()
	startShared()
	if shared.err != nil {
		tb.Fatalf("start PostgreSQL: %v", shared.err)
	}
	return shared.started.Load()
}

// ForExample makes an empty database on the shared server for an Example, which has
// no testing.TB, and returns its address and what drops it.
func ForExample() (address string, drop func()) {
	startShared()
	if shared.err != nil {
		panic(fmt.Errorf("start PostgreSQL: %w", shared.err))
	}
	server := shared.started.Load().URL("")
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	name := databaseName("example", databases.Add(1))
	ask := func(statement string) {
		if err := exec(context.Background(), server, statement); err != nil {
			panic(err)
		}
	}
	ask(createDatabase(server, name))
	u.Path = "/" + name
	return u.String(), func() { ask("DROP DATABASE " + name + " WITH (FORCE)") }
}

func startShared() {
	shared.once.Do(func() {
		s, err := sandbox.Start(context.Background(), sandbox.Config{Trust: true, Parent: memory()})
		if err != nil {
			shared.err = err
			return
		}
		remember(s)
		shared.started.Store(s)
	})
}

// Server starts a server of the test's own, for tests that crash it or change
// what all its databases share. It is stopped at the end of the test.
func Server(tb testing.TB) *sandbox.Server {
	tb.Helper()
	return ServerWith(tb, sandbox.Config{Trust: true})
}

// ServerWith is Server with a configuration.
func ServerWith(tb testing.TB, cfg sandbox.Config) *sandbox.Server {
	tb.Helper()
	cfg.Parent = cmp.Or(cfg.Parent, memory())
	s, err := sandbox.Start(context.Background(), cfg)
	if err != nil {
		tb.Fatalf("start PostgreSQL: %v", err)
	}
	remember(s)
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("end of the server's log:\n%s", tail(s.Log(), 30))
		}
		if err := s.Stop(); err != nil {
			tb.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return s
}

// URL makes an empty database on the shared server and returns its address. It
// is dropped at the end of the test, whoever is still connected.
func URL(tb testing.TB) string {
	tb.Helper()
	return Database(tb, sharedServer(tb).URL(""))
}

var databases atomic.Int64

// Database makes an empty database, as URL does, on the server of an address.
func Database(tb testing.TB, serverURL string) string {
	tb.Helper()
	u, err := url.Parse(serverURL)
	if err != nil {
		tb.Fatal(err)
	}
	name := databaseName(tb.Name(), databases.Add(1))
	Exec(tb, serverURL, createDatabase(serverURL, name))
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := exec(ctx, serverURL, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			tb.Logf("drop the test's database: %v", err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// createDatabase makes a database of template0, since nobody can be connected to that. From
// 15 on the server writes all of it to the WAL, unless it is told to copy files, which takes
// a quarter of the time here.
func createDatabase(server, name string) string {
	s, ok := servers.Load(portKey(server))
	if ok && major(filepath.Join(s.(*sandbox.Server).BinDir, "postgres")) >= 15 {
		return "CREATE DATABASE " + name + " TEMPLATE template0 STRATEGY file_copy"
	}
	return "CREATE DATABASE " + name + " TEMPLATE template0"
}

// databaseName makes an identifier that needs no quotes and tells the test.
// PostgreSQL cuts names at 63 bytes, so the number that makes it unique comes
// first.
func databaseName(test string, n int64) string {
	name := fmt.Sprintf("t%d_", n)
	for _, r := range strings.ToLower(test) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			r = '_'
		}
		name += string(r)
	}
	return name[:min(len(name), 63)]
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// AsUser is the address for another user, without a password.
func AsUser(tb testing.TB, address, user string) string {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	u.User = url.User(user)
	return u.String()
}
