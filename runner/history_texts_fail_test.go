package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// A text that another scope is about to bring is waited for, whatever the isolation
// of the database's transactions.
func TestTextIsBroughtUnderAnyIsolation(t *testing.T) {
	t.Parallel()
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "2_b.up.sql": "CREATE TABLE b (id int);\n"}
	first := f.without("2_b.up.sql")
	in := func(c *Config) { c.Scope = "one" }
	for name, do := range map[string]func(r *Runner, ctx context.Context) error{
		"up":       func(r *Runner, ctx context.Context) error { _, err := r.Up(ctx, UpRequest{}); return err },
		"baseline": func(r *Runner, ctx context.Context) error { _, err := r.Baseline(ctx, "2"); return err },
		"repair":   func(r *Runner, ctx context.Context) error { _, err := r.Repair(ctx, nil); return err },
	} {
		url := pgtest.URL(t)
		pgtest.Exec(t, url, "CREATE SCHEMA one")
		up(t, url, first, in)
		g := f
		if name == "repair" {
			g = pairs{"1_a.up.sql": f["2_b.up.sql"]}
		}
		pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = \"repeatable read\"', current_database()); END$$")
		o := join(t, url)
		d := load(t, g)
		o.do("BEGIN; INSERT INTO rung.texts VALUES ('" + d.Migrations[len(d.Migrations)-1].Up.Checksum + "', 'CREATE TABLE b (id int);\n')")
		ended := make(chan error, 1)
		go func() { ended <- do(testRunner(t, url, d, in), testContext(t)) }()
		o.blocks(url)
		o.do("COMMIT")
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What keeps a scope from writing a text is said with the file, and with what helps.
func TestTextCannotBeWritten(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA one")
	in := func(c *Config) { c.Scope = "one" }
	f := pairs{"1_a.up.sql": "SELECT 1;\n"}
	up(t, url, f, in)
	pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END$$")
	_, err := upFails(t, url, f.with(pairs{"2_b.up.sql": "SELECT 2;\n"}), in)
	var hinted *HintedError
	if !errors.As(err, &hinted) || hinted.Hint != store.RecordHint(err) || !strings.HasPrefix(err.Error(), "write the history: the text of sql/2_b.up.sql: pq: cannot execute INSERT in a read-only transaction") {
		t.Errorf("%v", err)
	}
}

// A session that ends while it writes a text is a lost connection, and nothing ran.
func TestConnectionLostAtTheText(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA one")
	in := func(c *Config) { c.Scope = "one" }
	f := pairs{"1_a.up.sql": "SELECT 1;\n"}
	up(t, url, f, in)
	o := join(t, url)
	o.do("BEGIN; LOCK TABLE rung.texts IN SHARE MODE")
	ended := make(chan error, 1)
	go func() {
		_, err := testRunner(t, url, load(t, f.with(pairs{"2_b.up.sql": "SELECT 2;\n"})), in).Up(testContext(t), UpRequest{})
		ended <- err
	}()
	o.blocks(url)
	is(t, url, fmt.Sprintf("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE %d = ANY (pg_blocking_pids(pid))", o.pid), "1")
	var lost *UnreachableError
	if err := <-ended; !errors.As(err, &lost) || !strings.HasPrefix(err.Error(), "the text of sql/2_b.up.sql: the server ended the connection: ") {
		t.Errorf("%T %v", err, err)
	}
	is(t, url, "SELECT max(version) FROM rung.migrations", "1")
}

// A file that is gone when its text is read is no lost connection.
func TestTextIsGone(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA one")
	dir := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n1\n\\.\n"}.write(t)
	d, err := Load(os.DirFS(dir), "sql")
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "1_a.up.sql")))
	for _, scope := range []string{"", "one"} {
		_, err = testRunner(t, url, d, func(c *Config) { c.Scope = scope }).Up(testContext(t), UpRequest{})
		var lost *UnreachableError
		if !errors.Is(err, fs.ErrNotExist) || errors.As(err, &lost) {
			t.Errorf("%q: %T %v", scope, err, err)
		}
	}
}

// Who is stopped while a text waits is told that nothing ran.
func TestStoppedBeforeTheText(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA one")
	in := func(c *Config) { c.Scope = "one" }
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	up(t, url, f, in)
	o := join(t, url)
	o.do("DELETE FROM rung.texts")
	o.do("BEGIN; LOCK TABLE rung.texts IN SHARE MODE")
	for name, do := range map[string]func(r *Runner, ctx context.Context) (*Report, error){
		"up":       func(r *Runner, ctx context.Context) (*Report, error) { return r.Up(ctx, UpRequest{}) },
		"together": func(r *Runner, ctx context.Context) (*Report, error) { return r.Up(ctx, UpRequest{Together: true}) },
		"baseline": func(r *Runner, ctx context.Context) (*Report, error) { return r.Baseline(ctx, "2") },
		"redo":     func(r *Runner, ctx context.Context) (*Report, error) { return r.Redo(ctx, Request{}) },
	} {
		ctx, stop := context.WithCancel(testContext(t))
		ended := make(chan error, 1)
		go func() {
			_, err := do(testRunner(t, url, load(t, f.with(pairs{"2_b.up.sql": "SELECT 3;\n"})), in), ctx)
			ended <- err
		}()
		o.blocks(url)
		stop()
		var stopped *StoppedError
		if err := <-ended; !errors.As(err, &stopped) || stopped.Where != "nothing was run" {
			t.Errorf("%s: %T %v", name, err, err)
		}
		is(t, url, "SELECT count(*) FROM rung.migrations JOIN pg_tables ON schemaname = scope AND tablename = 'a'", "1")
	}
}

// Of any number of scopes that are the first of a newer rung, each finds the tables as
// they were or as they are.
func TestScopesUpgradeAtOnce(t *testing.T) {
	t.Parallel()
	b := store.Book{Schema: "rung"}
	f := pairs{"1_a.up.sql": "CREATE TABLE a ();\n", "1_a.down.sql": "DROP TABLE a;\n", "2_b.up.sql": "-- rung:no-transaction\nSELECT 1;\n"}
	for range 4 {
		url := pgtest.URL(t)
		pgtest.Exec(t, url, "CREATE SCHEMA rung")
		for n := range store.FormatOfTexts - 1 {
			pgtest.Exec(t, url, b.SQL(fmt.Sprintf("format/%03d", n+1), nil))
		}
		ended := make(chan error)
		for i := range 8 {
			scope := fmt.Sprintf("s%d", i)
			pgtest.Exec(t, url, "CREATE SCHEMA "+scope)
			go func() {
				_, err := testRunner(t, url, load(t, f), func(c *Config) { c.Scope = scope }).Up(testContext(t), UpRequest{})
				ended <- err
			}()
		}
		for range 8 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		is(t, url, "SELECT count(*), (SELECT count(*) FROM rung.texts) FROM rung.applied", "16|3")
	}
}
