package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
)

// fleetRig is a directory of migrations and databases that are its targets.
type fleetRig struct {
	*testing.T
	dir, list string
	url       map[string]string // by target
}

func newFleetRig(t *testing.T, names ...string) *fleetRig {
	r := &fleetRig{t, t.TempDir(), "", map[string]string{}}
	r.list = filepath.Join(r.dir, "targets.txt")
	for _, name := range names {
		r.add(name, pgtest.URL(t))
	}
	r.file("1_a", "CREATE TABLE a (id int);", "DROP TABLE a;")
	r.file("2_b", "CREATE TABLE b (id int);", "DROP TABLE b;")
	return r
}

// add makes an address a target.
func (r *fleetRig) add(name, address string) {
	r.url[name] = address
	f, err := os.OpenFile(r.list, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		r.Fatal(err)
	}
	defer f.Close()
	fmt.Fprintf(f, "%s %s\n", name, address)
}

// file writes a migration.
func (r *fleetRig) file(name, up, down string) {
	for ext, text := range map[string]string{".up.sql": up, ".down.sql": down} {
		if err := os.WriteFile(filepath.Join(r.dir, name+ext), []byte(text), 0o600); err != nil {
			r.Fatal(err)
		}
	}
}

// run runs rung over the fleet.
func (r *fleetRig) run(ctx context.Context, code int, args ...string) (out, errs string) {
	r.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"rung", "--dir", r.dir, "--targets", r.list}, args...)
	if got := run(ctx, args, strings.NewReader(""), &stdout, &stderr); got != code {
		r.Fatalf("%v: exit status %d, not %d\n%s%s", args[5:], got, code, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

// twice runs rung in two processes at once; both must succeed.
func (r *fleetRig) twice(args ...string) {
	r.Helper()
	rung := filepath.Join(programs(r.T), "rung")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if out, err := exec.Command(rung, append(args, "--dir", r.dir)...).CombinedOutput(); err != nil {
				r.Errorf("%v\n%s", err, out)
			}
		})
	}
	both.Wait()
}

// is compares a query's answer on a target.
func (r *fleetRig) is(name, query, want string) {
	r.Helper()
	if got := pgtest.QueryString(r.T, r.url[name], query); got != want {
		r.Errorf("%s: %s: %q, not %q", name, query, got, want)
	}
}

const newestVersion = "SELECT coalesce(max(version)::text, 'none') FROM rung.migrations"

func mentions(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestFleetTroubles: whatever is wrong with a target, the others are done, each is
// named, and the same command does the rest.
func TestFleetTroubles(t *testing.T) {
	r := newFleetRig(t, "well", "fails", "readonly", "ahead", "diverged", "behind")
	r.add("down", "postgres://u:topsecret@127.0.0.1:1/d")
	u, _ := url.Parse(r.url["well"])
	u.Path = "/renamed_away"
	r.add("gone", u.String())
	pgtest.Exec(t, r.url["fails"], "CREATE TABLE b ()")
	pgtest.Exec(t, r.url["readonly"], `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)
	// Ahead: it has a version that the directory will not have, and all others.
	r.run(t.Context(), fault.ExitDone, "up", "--only", "ahead")
	r.run(t.Context(), fault.ExitDone, "up", "--to", "1", "--only", "diverged", "--only", "behind")
	r.file("3_c", "CREATE TABLE c (id int);", "DROP TABLE c;")
	r.run(t.Context(), fault.ExitDone, "up", "--only", "ahead")
	r.run(t.Context(), fault.ExitDone, "up", "--allow-out-of-order", "--only", "diverged")
	pgtest.Exec(t, r.url["diverged"], "DROP TABLE b; DELETE FROM rung.migrations WHERE version = 2")
	for _, ext := range []string{".up.sql", ".down.sql"} {
		if err := os.Remove(filepath.Join(r.dir, "3_c"+ext)); err != nil {
			t.Fatal(err)
		}
	}
	out, errs := r.run(t.Context(), fault.ExitFailed, "up")
	mentions(t, errs, `fails: rung: `, `already exists (42P07)`, "readonly: rung: ", "read-only transaction (25006)", "ahead: warning: ", "diverged: rung: ", "have diverged",
		"down: rung: connect to 127.0.0.1:1/d as u", "gone: rung: ", "does not exist (3D000)", "well: applied 2 migrations, now at 2", "behind: applied 1 migration, now at 2",
		"5 of 8 targets failed: fails, readonly, diverged, down, gone", "the same command does the rest")
	mentions(t, out, "TARGETS  AT", "      2  2   done", "      1  3   done", "ahead", "failed: connect to 127.0.0.1:1/d")
	if strings.Contains(out+errs, "topsecret") {
		t.Errorf("a password is printed:\n%s%s", out, errs)
	}
	for line := range strings.Lines(errs) {
		if name, _, ok := strings.Cut(line, ":"); !ok || name != "rung" && name != "hint" && r.url[name] == "" {
			t.Errorf("a line names no target: %q", line)
		}
	}
	pgtest.Exec(t, r.url["fails"], "DROP TABLE b")
	_, errs = r.run(t.Context(), fault.ExitDone, "up", "--only", "fails", "--only", "well")
	mentions(t, errs, "fails: applied 1 migration, now at 2")
	r.is("fails", newestVersion, "2")
	// One cause, one exit status.
	r.run(t.Context(), fault.ExitUnreachable, "up", "--only", "down", "--only", "gone")
	r.run(t.Context(), fault.ExitDisagree, "up", "--only", "diverged", "--only", "well")
}

// TestFleetDownRun: down --run reverts what one run applied, wherever it did.
func TestFleetDownRun(t *testing.T) {
	r := newFleetRig(t, "a", "b", "c")
	r.run(t.Context(), fault.ExitDone, "up", "--to", "1")
	r.run(t.Context(), fault.ExitDone, "up", "--only", "c")
	out, _ := r.run(t.Context(), fault.ExitDone, "up", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last jsonFleet
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 4 || last.Done != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range lines[:3] {
		if !strings.HasPrefix(line, `{"target":"`) || !json.Valid([]byte(line)) {
			t.Errorf("no JSON with a target: %s", line)
		}
	}
	r.file("3_c", "CREATE TABLE c (id int);", "DROP TABLE c;")
	r.run(t.Context(), fault.ExitDone, "up", "--only", "b")
	_, errs := r.run(t.Context(), fault.ExitUsage, "down", "--run", last.Run)
	mentions(t, errs, "b: rung: run "+last.Run+" applied 2_b, and above it stands what another run applied: 3_c")
	r.is("a", newestVersion, "1")
	r.is("b", newestVersion, "3")
	r.is("c", newestVersion, "2")
	r.run(t.Context(), fault.ExitDone, "down", "--only", "b")
	r.run(t.Context(), fault.ExitDone, "down", "--run", last.Run)
	r.is("b", newestVersion, "1")
	out, _ = r.run(t.Context(), fault.ExitDone, "down", "--run", last.Run)
	mentions(t, out, "done         a, b", "no such run  c")
	out, errs = r.run(t.Context(), fault.ExitUsage, "down", "--run", "0b5e6e2d7c1b")
	mentions(t, out, "no such run  a, b\n")
	mentions(t, errs, "rung: no target has a run of that name in its history")
	_, errs = r.run(t.Context(), fault.ExitUsage, "down", "--run", "0b5e6e2d7c1b", "--only", "a")
	mentions(t, errs, "no target has a run of that name")
	r.run(t.Context(), fault.ExitUsage, "down", "--run", last.Run, "--steps", "1")
}

// TestFleetSignal: a signal lets what is in hand finish, and begins no other.
func TestFleetSignal(t *testing.T) {
	r := newFleetRig(t, "a", "b", "c")
	r.file("2_b", "SELECT pg_advisory_xact_lock(7);\nCREATE TABLE b (id int);", "DROP TABLE b;")
	unlock := holdLock(t, r.url["a"])
	ctx, cancel := context.WithCancelCause(t.Context())
	var out, errs string
	over := make(chan struct{})
	go func() {
		defer close(over)
		out, errs = r.run(ctx, fault.ExitSignal+int(syscall.SIGTERM), "up", "--parallel", "1", "--log-format=json")
	}()
	awaitOne(t, r.url["a"], "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 7 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	cancel(&fault.SignalError{Sig: syscall.SIGTERM})
	unlock()
	<-over
	r.is("a", newestVersion, "2")
	r.is("b", "SELECT to_regnamespace('rung') IS NULL", "true")
	mentions(t, out, "      1  2   done       a", "      2  -   not begun  b, c")
	mentions(t, errs, "stopped by SIGTERM: 2 of 3 targets not begun")
	for line := range strings.Lines(errs) {
		var l struct{ Event, Target string }
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Target == "" && l.Event != "error" && l.Event != "problem" {
			t.Errorf("%v, or no target: %s", err, line)
		}
	}
}

// TestFleetTwoAtOnce: two runs over one fleet do everything once.
func TestFleetTwoAtOnce(t *testing.T) {
	r := newFleetRig(t, "a", "b", "c", "d", "e")
	r.file("3_c", "CREATE TABLE c AS SELECT 1 AS n;", "DROP TABLE c;")
	r.twice("up", "--quiet", "--targets", r.list)
	for name := range r.url {
		r.is(name, "SELECT count(*) || ' ' || (SELECT count(*) FROM rung.log WHERE action = 'up') FROM rung.migrations", "3 3")
	}
}

// TestFleetPgBouncer: databases behind one pooler.
func TestFleetPgBouncer(t *testing.T) {
	r := newFleetRig(t)
	direct := map[string]string{}
	first := pgtest.URL(t)
	bouncer := pgtest.PgBouncer(t, first, "transaction", 3)
	for i, address := range []string{first, pgtest.URL(t), pgtest.URL(t)} {
		name := fmt.Sprintf("t%d", i)
		b, _ := url.Parse(bouncer)
		u, _ := url.Parse(address)
		b.Path = u.Path
		r.add(name, b.String())
		direct[name] = address
	}
	r.run(t.Context(), fault.ExitDone, "up")
	pgtest.Exec(t, direct["t2"], "ALTER TABLE b ADD c int")
	out, _ := r.run(t.Context(), fault.ExitDone, "status", "--drift")
	mentions(t, out, "t2 differs from t0 at the same version: column public.b.c is there too")
	for name, address := range direct {
		if got := pgtest.QueryString(t, address, newestVersion); got != "2" {
			t.Errorf("%s is at %s", name, got)
		}
	}
}

// TestFleetSources: each way to name targets, and its mistakes before anything runs.
func TestFleetSources(t *testing.T) {
	r := newFleetRig(t, "a", "b")
	a, _ := url.Parse(r.url["a"])
	name := strings.TrimPrefix(a.Path, "/")
	pgtest.Exec(t, r.url["a"], fmt.Sprintf("CREATE TABLE tenants AS SELECT 'x' AS name, '%s' AS url UNION ALL SELECT 'y', '%s'", r.url["a"], r.url["b"]))
	for _, c := range []struct {
		code int
		args []string
		want string
	}{
		{fault.ExitDone, []string{"plan", "--targets-query", "SELECT name, url FROM tenants"}, "x, y:"},
		{fault.ExitDone, []string{"plan", "--each-database", name[:len(name)-3] + "*"}, name + ":"},
		{fault.ExitUsage, []string{"up", "--each-database", "no_such_*"}, "no database of this server has such a name"},
		{fault.ExitUsage, []string{"up", "--each-database", "x", "--targets", "y"}, "name two fleets"},
		{fault.ExitUsage, []string{"up", "--targets", r.list, "--only", "z"}, "--only z fits none of the 2 targets"},
		{fault.ExitUsage, []string{"up", "--targets", filepath.Join(r.dir, "none")}, "read the targets"},
		{fault.ExitUsage, []string{"up", "--canary", "1"}, "--canary belongs to a run over many databases"},
		{fault.ExitUsage, []string{"verify", "--targets", r.list}, "--targets has no place with verify"},
		{fault.ExitUsage, []string{"up", "--targets", r.list, "--parallel", "0"}, "--parallel takes a number above 0"},
		{fault.ExitUsage, []string{"up", "--targets-query", "SELECT name, url FROM tenants WHERE false"}, "gives no row"},
		{fault.ExitUsage, []string{"up", "--targets-query", "DROP TABLE tenants"}, "read-only transaction"},
		{fault.ExitUsage, []string{"status", "--drift"}, "--drift compares many databases"},
	} {
		var out, errs bytes.Buffer
		args := append([]string{"rung", "--dir", r.dir, "--database-url", r.url["a"]}, c.args...)
		if got := run(t.Context(), args, strings.NewReader(""), &out, &errs); got != c.code || !strings.Contains(out.String()+errs.String(), c.want) {
			t.Errorf("%v: exit status %d, not %d, or no %q\n%s%s", c.args, got, c.code, c.want, out.String(), errs.String())
		}
	}
	r.is("a", "SELECT to_regnamespace('rung') IS NULL", "true")
}

// holdLock takes the advisory lock 7 in another session.
func holdLock(t *testing.T, address string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tx, err := db.Begin()
	if err == nil {
		_, err = tx.Exec("SELECT pg_advisory_xact_lock(7)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// awaitOne asks until a query's answer is 1.
func awaitOne(t *testing.T, address, query string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); pgtest.QueryString(t, address, query) != "1"; {
		if time.Now().After(deadline) {
			t.Fatalf("never 1: %s", query)
		}
	}
}

// TestFleetMissingDown: a missing down file is told once, and only where no history
// holds what it had; up does not speak of it at all.
func TestFleetMissingDown(t *testing.T) {
	r := newFleetRig(t, "a", "b", "c")
	r.run(t.Context(), fault.ExitDone, "up", "--skip", "c")
	if err := os.Remove(filepath.Join(r.dir, "2_b.down.sql")); err != nil {
		t.Fatal(err)
	}
	const missing = "has no down file"
	for _, c := range []struct {
		want int
		args []string
	}{{0, []string{"plan", "--skip", "c"}}, {0, []string{"validate", "--skip", "c"}}, {1, []string{"plan"}}, {1, []string{"validate"}}, {0, []string{"up", "--verbose"}}} {
		if _, errs := r.run(t.Context(), fault.ExitDone, c.args...); strings.Count(errs, missing) != c.want {
			t.Errorf("%v: not %d times\n%s", c.args, c.want, errs)
		}
	}
}
