package chaos

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/internal/sandbox"
)

// bigLadder is the ladder with so many rows that its steps take a while.
func bigLadder() map[string]string {
	big := map[string]string{}
	for name, text := range ladder {
		big[name] = strings.Replace(text, "generate_series(1, 3000)", "generate_series(1, 30000)", 1)
	}
	return big
}

// killer ends something of a running rung, or of its server.
type killer struct {
	t    *testing.T
	rand *rand.Rand
	dir  string
	// kill is what strikes. It says whether it met anything.
	kill func(p *process, url string) (met bool)
	// revive brings back what was killed. It may be nil.
	revive  func()
	up      time.Duration // of an undisturbed up
	down    time.Duration
	strikes int
}

func newKiller(t *testing.T, seed uint64, url string) *killer {
	t.Helper()
	k := &killer{t: t, rand: rand.New(rand.NewPCG(seed, 0)), dir: files(t, bigLadder())}
	measure := func(args ...string) time.Duration {
		start := time.Now()
		run(t, url, k.dir, args...)
		return time.Since(start)
	}
	k.up, k.down = measure("up"), measure("down", "--to", "1")
	return k
}

// strike runs a command over and over until it gets through, and strikes at a
// random moment of each of the first few runs. The last run is undisturbed.
func (k *killer) strike(url string, took time.Duration, args ...string) {
	k.t.Helper()
	for range 1 + k.rand.IntN(3) {
		p := start(k.t, url, k.dir, append(args, "--wait", "1m")...)
		moment := time.NewTimer(time.Duration(k.rand.Int64N(int64(took))))
		select {
		case <-moment.C:
		case <-p.exited:
		}
		if k.kill(p, url) {
			k.strikes++
		}
		if k.revive != nil {
			k.revive()
		}
		p.wait()
	}
	// What got lost with the server may be an answer that only a second run
	// gets; what was killed by itself may not even need that.
	for range 5 {
		if start(k.t, url, k.dir, append(args, "--wait", "1m")...).wait() == 0 {
			return
		}
	}
	k.t.Errorf("rung %s does not get through", strings.Join(args, " "))
}

// run strikes, on a database at a time, until that was so often.
func (k *killer) run(database func() string, strikes int, wantUp, wantDown string) {
	k.t.Helper()
	for k.strikes < strikes && !k.t.Failed() {
		url := database()
		before := k.strikes
		k.strike(url, k.up, "up")
		same(k.t, fmt.Sprintf("up, after strike %d to %d", before+1, k.strikes), story(k.t, url), wantUp)
		before = k.strikes
		k.strike(url, k.down, "down", "--to", "1")
		same(k.t, fmt.Sprintf("down, after strike %d to %d", before+1, k.strikes), story(k.t, url), wantDown)
	}
	k.t.Logf("%d strikes; undisturbed, up takes %s and down %s", k.strikes, k.up, k.down)
}

// stories are those of an undisturbed run of the big ladder.
func (k *killer) stories(url string) (up, down string) {
	k.t.Helper()
	run(k.t, url, k.dir, "up")
	up = story(k.t, url)
	run(k.t, url, k.dir, "down", "--to", "1")
	return up, story(k.t, url)
}

func TestRungIsKilledAtRandom(t *testing.T) {
	t.Parallel()
	k := newKiller(t, 1, pgtest.URL(t))
	up, down := k.stories(pgtest.URL(t))
	k.kill = func(p *process, _ string) bool { return p.kill9() }
	k.run(func() string { return pgtest.URL(t) }, 36, up, down)
}

// terminate ends one of rung's sessions, the one that works or the one that
// holds the lock, and says whether there was one.
func terminate(t *testing.T, k *killer, url string) bool {
	t.Helper()
	sessions := pgtest.QueryStrings(t, url, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung' ORDER BY pid")
	if len(sessions) == 0 {
		return false
	}
	return pgtest.QueryString(t, url, "SELECT pg_terminate_backend("+sessions[k.rand.IntN(len(sessions))]+")") == "true"
}

func TestBackendIsTerminatedAtRandom(t *testing.T) {
	t.Parallel()
	k := newKiller(t, 2, pgtest.URL(t))
	up, down := k.stories(pgtest.URL(t))
	k.kill = func(_ *process, url string) bool { return terminate(t, k, url) }
	k.run(func() string { return pgtest.URL(t) }, 12, up, down)
}

// A backend that is killed takes all sessions down with it, and the server
// recovers by itself.
func TestBackendIsKilledAtRandom(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t)
	k := newKiller(t, 3, pgtest.Database(t, s.URL("")))
	up, down := k.stories(pgtest.Database(t, s.URL("")))
	k.kill = func(_ *process, url string) bool {
		sessions := pgtest.QueryStrings(t, url, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung' ORDER BY pid")
		if len(sessions) == 0 {
			return false
		}
		pid, err := strconv.Atoi(sessions[k.rand.IntN(len(sessions))])
		if err != nil {
			t.Fatal(err)
		}
		killed := syscall.Kill(pid, syscall.SIGKILL) == nil
		eventually(t, "the server has noticed", func() bool { return syscall.Kill(pid, 0) != nil })
		return killed
	}
	k.revive = func() {
		eventually(t, "the server has recovered", func() bool {
			return try(s.URL(""), "SELECT 1") == nil
		})
	}
	k.run(func() string { return pgtest.Database(t, s.URL("")) }, 6, up, down)
}

func TestServerIsKilledAtRandom(t *testing.T) {
	t.Parallel()
	s := pgtest.ServerWith(t, sandbox.Config{Trust: true})
	k := newKiller(t, 4, pgtest.Database(t, s.URL("")))
	up, down := k.stories(pgtest.Database(t, s.URL("")))
	k.kill = func(p *process, _ string) bool {
		working := p.running()
		if err := s.Kill9(); err != nil {
			t.Fatal(err)
		}
		return working
	}
	k.revive = func() {
		if err := s.StartAgain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	k.run(func() string { return pgtest.Database(t, s.URL("")) }, 6, up, down)
}

// waitingIndex is a rung that is in CREATE INDEX CONCURRENTLY, where it waits
// for a bystander's snapshot: the index is there, and INVALID.
type waitingIndex struct {
	url, dir string
	old      *bystander
	rung     *process
	pid      int // of the server process that makes the index
}

func startWaitingIndex(t *testing.T, create string, args ...string) *waitingIndex {
	t.Helper()
	w := &waitingIndex{url: pgtest.URL(t)}
	w.dir = files(t, map[string]string{
		"1_table.up.sql": "CREATE TABLE t (id int, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 1000) i",
		"2_index.up.sql": create,
		"3_last.up.sql":  "ALTER TABLE t ADD COLUMN last int",
	})
	run(t, w.url, w.dir, "up", "--to", "1")
	w.old = join(t, w.url, "old_snapshot")
	w.old.do("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
	w.rung = start(t, w.url, w.dir, append(args, "up")...)
	eventually(t, "CREATE INDEX CONCURRENTLY waits for the snapshot", func() bool {
		rows := pgtest.QueryStrings(t, w.url, fmt.Sprintf("SELECT pid FROM pg_stat_progress_create_index WHERE current_locker_pid = %d AND phase = 'waiting for old snapshots'", w.old.pid))
		if len(rows) != 1 {
			return false
		}
		_, err := fmt.Sscan(rows[0], &w.pid)
		return err == nil
	})
	if got := invalidIndexes(t, w.url); len(got) != 1 {
		t.Fatalf("INVALID indexes: %q", got)
	}
	return w
}

func (w *waitingIndex) mustBeDone(t *testing.T) {
	t.Helper()
	if got := logged(t, w.url); got != "up 1, up 2, up 3" {
		t.Errorf("the log says %s", got)
	}
	if got := pgtest.QueryString(t, w.url, "SELECT count(*) || ' ' || bool_and(indisvalid) FROM pg_index WHERE indrelid = 't'::regclass"); got != "1 true" {
		t.Errorf("indexes, and whether all are valid: %s", got)
	}
	mustBeFree(t, w.url)
}

func TestKilledInsideConcurrentIndex(t *testing.T) {
	t.Parallel()
	for name, create := range map[string]string{"named": "CREATE INDEX CONCURRENTLY i ON t (n)", "unnamed": "CREATE INDEX CONCURRENTLY ON t ((n + 1))"} {
		t.Run("rung, "+name, func(t *testing.T) {
			t.Parallel()
			w := startWaitingIndex(t, create)
			w.rung.kill9()
			index := pgtest.QueryString(t, w.url, "SELECT indexrelid FROM pg_index WHERE NOT indisvalid")
			// The server continues with the index; the next runner has to wait for that.
			next := start(t, w.url, w.dir, "up")
			eventually(t, "the next one says for what it waits", func() bool {
				return strings.Contains(next.stderr.String(), fmt.Sprintf("blocked by pid %d", w.pid))
			})
			w.old.do("COMMIT")
			next.must(0)
			w.mustBeDone(t)
			if got := pgtest.QueryString(t, w.url, "SELECT indexrelid FROM pg_index"+" WHERE indrelid = 't'::regclass"); got != index {
				t.Error("the index that the server was making was made again")
			}
		})
		t.Run("its server process, "+name, func(t *testing.T) {
			t.Parallel()
			w := startWaitingIndex(t, create)
			pgtest.Exec(t, w.url, fmt.Sprintf("SELECT pg_terminate_backend(%d)", w.pid))
			w.rung.must(1).said("the outcome of step 1 of 1 of 2_index is unknown")
			w.old.do("COMMIT")
			run(t, w.url, w.dir, "up").said("dropped the INVALID index public.")
			w.mustBeDone(t)
		})
		t.Run("rung and then its server process, "+name, func(t *testing.T) {
			t.Parallel()
			w := startWaitingIndex(t, create)
			w.rung.kill9()
			next := start(t, w.url, w.dir, "up")
			eventually(t, "the next one waits", func() bool { return strings.Contains(next.stderr.String(), "blocked by pid") })
			pgtest.Exec(t, w.url, fmt.Sprintf("SELECT pg_terminate_backend(%d)", w.pid))
			w.old.do("COMMIT")
			next.must(0).said("dropped the INVALID index public.")
			w.mustBeDone(t)
		})
	}
}
