package runner

import (
	"errors"
	"os"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// loading is a Config that loads its directory by f.
func loading(f func() (*Directory, error)) func(*Config) {
	return func(c *Config) { c.Dir, c.Load = nil, f }
}

const connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung'"

// The directory is read once, and beside the connection's start.
func TestLoadsWhileItConnects(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	loads := 0
	r := testRunner(t, url, nil, loading(func() (*Directory, error) {
		loads++
		eventually(t, "it connects", func() bool { return pgtest.QueryString(t, url, connections) == "1" })
		return load(t, pairs{"1_a.up.sql": "CREATE TABLE a ()"}), nil
	}))
	for range 2 {
		if _, err := r.Up(testContext(t), UpRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if loads != 1 {
		t.Errorf("it was read %d times", loads)
	}
	is(t, url, "SELECT version FROM rung.migrations", "1")
}

// That there is nothing to run is said before anything of the server, and
// without waiting for one. No connection is left behind.
func TestDirectoryComesFirst(t *testing.T) {
	t.Parallel()
	bad := func() (*Directory, error) { return Load(os.DirFS("testdata/none"), "none") }
	empty := func() (*Directory, error) { return Load(pairs{}.fs(), "sql") }
	url := pgtest.URL(t)
	for name, url := range map[string]string{"a server": url, "no server": "postgres://postgres@127.0.0.1:1/postgres?sslmode=disable"} {
		t.Run(name, func(t *testing.T) {
			h := &hearing{}
			patient := func(c *Config) { c.Wait = time.Hour }
			var files *BadFilesError
			if _, err := testRunner(t, url, nil, loading(bad), patient, h.listen).Up(testContext(t), UpRequest{}); !errors.As(err, &files) {
				t.Errorf("%v", err)
			}
			if _, err := testRunner(t, url, nil, loading(empty), patient, h.listen).Up(testContext(t), UpRequest{}); !errors.Is(err, ErrEmpty) {
				t.Errorf("%v", err)
			}
			var no *RefusalError
			if _, err := testRunner(t, url, nil, loading(empty), patient, h.listen).Baseline(testContext(t), "7"); !errors.As(err, &no) {
				t.Errorf("%v", err)
			}
			if len(h.events) > 0 {
				t.Errorf("%+v", h.events)
			}
		})
	}
	eventually(t, "no connection is left", func() bool { return pgtest.QueryString(t, url, connections) == "0" })
}
