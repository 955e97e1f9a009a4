package runner

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// builtRung is rung as its users have it, built once. TestMain removes it.
var builtRung struct {
	once sync.Once
	dir  string
	err  error
}

func built(t testing.TB) (path string) {
	t.Helper()
	builtRung.once.Do(func() {
		if builtRung.dir, builtRung.err = os.MkdirTemp("", "rung-runner-test-"); builtRung.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", builtRung.dir+"/rung", "rung").CombinedOutput(); err != nil {
			builtRung.err = fmt.Errorf("build rung: %w\n%s", err, out)
		}
	})
	if builtRung.err != nil {
		t.Fatal(builtRung.err)
	}
	return builtRung.dir + "/rung"
}

// process is a running rung up.
type process struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	exited chan error
}

func startProcess(t testing.TB, rung, url, dir string) *process {
	t.Helper()
	return startCommand(t, rung, "up", url, dir)
}

// startCommand is a running command of rung.
func startCommand(t testing.TB, rung, command, url, dir string, more ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(rung, append([]string{command, "--database-url", url, "--dir", dir, "--quiet"}, more...)...), exited: make(chan error, 1)}
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() { p.exited <- p.cmd.Wait() }()
	return p
}

// kill ends it with SIGKILL after a while, unless it has ended by itself; then
// it must have succeeded.
func (p *process) kill(t testing.TB, after time.Duration) (killed bool) {
	t.Helper()
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case err := <-p.exited:
		if err != nil {
			t.Fatalf("rung up: %v\n%s", err, p.stderr.String())
		}
		return false
	case <-timer.C:
	}
	_ = p.cmd.Process.Kill()
	var exit *exec.ExitError
	if err := <-p.exited; err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		t.Fatalf("rung up: %v\n%s", err, p.stderr.String())
	}
	return true
}

// A statement that is not idempotent is right after fifty kills at random
// moments. A run that gets through before them is followed by another.
func TestBatchKilled(t *testing.T) {
	t.Parallel()
	rung := built(t)
	const kills, rows = 50, 200_000
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprintf("workers=%d", workers), func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			numbered(t, url, rows)
			text := counting(fmt.Sprintf("rows=300 target=10ms workers=%d", workers))["1_count.up.sql"]
			f := pairs{}
			runs, productive, holes := 0, 0, 0
			var dir string
			next := func() {
				runs++
				f[fmt.Sprintf("%d_count.up.sql", runs)] = text
				dir = f.write(t)
			}
			next()
			for n, before := 0, 0; n < kills; {
				if startProcess(t, rung, url, dir).kill(t, time.Duration(rand.N(400))*time.Millisecond) {
					n++
				} else {
					next()
				}
				awaitNobody(t, url)
				holes = max(holes, holesIn(t, url, runs))
				if now := committed(t, url); now > before {
					productive, before = productive+1, now
				}
			}
			if startProcess(t, rung, url, dir).kill(t, patience) {
				t.Fatal("the last run does not end")
			}
			t.Logf("%d runs, batches in %d of %d lives, %d holes at most", runs, productive, kills, holes)
			if holes > workers {
				t.Errorf("%d holes", holes)
			}
			is(t, url, "SELECT min(n), max(n), count(*) FROM t", fmt.Sprintf("%d|%d|%d", runs, runs, rows))
			for v := 1; v <= runs; v++ {
				tilesOf(t, url, fmt.Sprint(v))
				is(t, url, fmt.Sprintf("SELECT sum(rows), sum(keys) FROM rung.batches WHERE version = %d", v), fmt.Sprintf("%d|%d", rows, rows))
			}
		})
	}
}

// awaitNobody waits until the server has ended the killed one's sessions.
func awaitNobody(t testing.TB, url string) {
	t.Helper()
	eventually(t, "no session of rung is left", func() bool {
		return ask(t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung'") == "0"
	})
}

func committed(t testing.TB, url string) int {
	t.Helper()
	return countBatches(t, url, "SELECT count(*) FROM rung.batches")
}

// holesIn counts the batches that no other leads up to.
func holesIn(t testing.TB, url string, run int) int {
	t.Helper()
	return countBatches(t, url, fmt.Sprintf(`SELECT count(*) FROM rung.batches AS b
		WHERE version = %d AND after_key <> '{}'
		  AND NOT EXISTS (SELECT FROM rung.batches AS a WHERE a.version = b.version AND a.last_key = b.after_key)`, run))
}

// countBatches asks for a number, which is 0 before the first run.
func countBatches(t testing.TB, url, query string) int {
	t.Helper()
	if ask(t, url, "SELECT to_regclass('rung.batches') IS NULL") == "true" {
		return 0
	}
	n, err := strconv.Atoi(ask(t, url, query))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A server process may outlive the runner that it worked for. The next runner
// waits for its transaction, and counts what it commits.
func TestBatchOfAKilledRunnerStillOpen(t *testing.T) {
	t.Parallel()
	rung := built(t)
	for name, c := range map[string]struct {
		hold    string // what the runner's batch will wait for
		trigger string
	}{
		"in the statement": {hold: "UPDATE t SET n = n WHERE id = 50"},
		// It waits in COMMIT, which nobody's death undoes.
		"in its COMMIT": {hold: "SELECT pg_advisory_xact_lock(7)", trigger: `
			CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END';
			CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 300)
			if c.trigger != "" {
				pgtest.Exec(t, url, c.trigger)
			}
			f := counting("rows=100")
			o := join(t, url)
			o.do("BEGIN; " + c.hold)
			dead := startProcess(t, rung, url, f.write(t))
			o.blocks(url)
			dead.kill(t, 0)
			zombie := ask(t, url, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung' AND wait_event_type = 'Lock'")
			h := &hearing{}
			r := startUp(t, url, f, h.listen, func(c *Config) { c.LockTimeout = time.Second })
			eventually(t, "the new runner waits for the old one's transaction", func() bool {
				return ask(t, url, "SELECT count(*) FROM pg_stat_activity WHERE "+zombie+" = ANY (pg_blocking_pids(pid))") == "1"
			})
			is(t, url, "SELECT count(*) FROM rung.batches", "0")
			o.do("COMMIT")
			r.mustSucceed()
			everyOne(t, url)
			first := tiles(t, url)[0]
			if lived := strings.Contains(name, "COMMIT"); lived != (heard[BatchDone](h)[0].First[0] != "1") {
				t.Errorf("the old transaction's batch (%v) was not dealt with as it should", first)
			}
		})
	}
}

// The server is killed with all its processes; the next runs go on.
func TestBatchAfterServerCrash(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	url := server.URL("")
	numbered(t, url, 2000)
	f := counting("rows=100 workers=2")
	for crash := 1; crash <= 3; crash++ {
		var killed error
		left := 3
		h := &hearing{on: func(e Event) {
			if _, ok := e.(BatchDone); ok {
				if left--; left == 0 {
					killed = server.Kill9()
				}
			}
		}}
		r := startUp(t, url, f, h.listen, func(c *Config) { c.Batch = &BatchOverride{[][2]string{{"target", "1ms"}}} })
		eventually(t, "the server is dead", func() bool {
			err := server.StartAgain(t.Context())
			return err == nil
		})
		err := r.result()
		var gone *UnreachableError
		if killed != nil || !errors.As(err, &gone) || !strings.Contains(err.Error(), "1_count is applied in part: ") {
			t.Fatal(killed, err)
		}
	}
	up(t, url, f)
	everyOne(t, url)
	tiles(t, url)
	is(t, url, "SELECT count(DISTINCT run) FROM rung.batches", "4")
}
