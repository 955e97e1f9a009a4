package runner

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// What work does when it, its sessions or the server die, and when others work beside
// it: each row is counted once.

// countingLater is counting in the background.
func countingLater(options string) pairs {
	return pairs{"1_count.up.sql": "-- rung:background\n" + counting(options)["1_count.up.sql"], "1_count.down.sql": ""}
}

// startWork runs work in the background.
func startWork(t testing.TB, url string, f pairs, req WorkRequest, change ...func(*Config)) *running {
	t.Helper()
	runner := testRunner(t, url, load(t, f), change...)
	r := &running{t: t, done: make(chan error, 1)}
	go func() {
		_, err := runner.Work(testContext(t), req)
		r.done <- err
	}()
	return r
}

// Two workers at a time are killed at random moments, while up adds columns to the
// table that they fill.
func TestWorkKilled(t *testing.T) {
	t.Parallel()
	rung := built(t)
	const kills, rows = 8, 100_000
	url := pgtest.URL(t)
	numbered(t, url, rows)
	f := countingLater("rows=100 target=2ms pause=2ms")
	up(t, url, f)
	before := 0
	for n := range kills {
		dir := f.write(t)
		a, b := startCommand(t, rung, "work", url, dir), startCommand(t, rung, "work", url, dir)
		f[fmt.Sprintf("%d_more.up.sql", n+2)] = fmt.Sprintf("ALTER TABLE t ADD COLUMN c%d int;\n", n)
		up(t, url, f)
		if n%2 == 0 {
			eventually(t, "one of them works", func() bool { return committed(t, url) > before })
		}
		a.kill(t, time.Duration(rand.N(100))*time.Millisecond)
		b.kill(t, time.Duration(rand.N(100))*time.Millisecond)
		before = committed(t, url)
	}
	awaitNobody(t, url)
	t.Logf("%d batches before the last run", before)
	work(t, url, f, func(c *Config) {
		c.Batch = &BatchOverride{[][2]string{{"rows", "20000"}, {"pause", "0"}, {"target", "1s"}}}
	})
	everyOne(t, url)
	tiles(t, url)
	is(t, url, "SELECT count(*) FROM rung.migrations WHERE state <> 'applied'", "0")
}

// The server dies with all its processes, and comes back: work goes on by itself.
func TestWorkAfterServerCrash(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	url := server.URL("")
	numbered(t, url, 2000)
	f := countingLater("rows=100 target=1ms")
	up(t, url, f)
	crashes := 0
	down := make(chan error, 1)
	h := &hearing{on: func(e Event) {
		if done, ok := e.(BatchDone); ok && crashes < 2 && done.Progress.Batches == 3*(crashes+1) {
			crashes++
			down <- server.Kill9()
		}
	}}
	r := startWork(t, url, f, WorkRequest{}, h.listen)
	for range 2 {
		must(t, <-down)
		eventually(t, "the server is back", func() bool { return server.StartAgain(t.Context()) == nil })
	}
	r.mustSucceed()
	everyOne(t, url)
	tiles(t, url)
	states(t, url, "1 applied")
}

// An administrator ends the session that works, or the one that holds the lock.
func TestWorkSessionsEnded(t *testing.T) {
	t.Parallel()
	for name, which := range map[string]string{"of the batches": "NOT IN", "of the lock": "IN"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			numbered(t, url, 2000)
			f := countingLater("rows=100 target=1ms")
			up(t, url, f)
			ended := 0
			h := &hearing{on: func(e Event) {
				if done, ok := e.(BatchDone); ok && done.Progress.Batches%4 == 0 && ended < 2 {
					ended++
					pgtest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
						WHERE application_name = 'rung' AND datname = current_database()
						  AND pid `+which+` (SELECT pid FROM pg_locks WHERE locktype = 'advisory')`)
				}
			}}
			work(t, url, f, h.listen)
			everyOne(t, url)
			tiles(t, url)
			if ended != 2 {
				t.Errorf("%d sessions ended", ended)
			}
		})
	}
}

// Two workers: one works, the other names it and ends.
func TestTwoWorkers(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := countingLater("rows=100 target=1ms")
	up(t, url, f)
	other := &hearing{}
	h := &hearing{on: at(3, func() {
		if rep := work(t, url, f, other.listen); len(rep.Done) != 0 || len(rep.Background) != 1 {
			t.Errorf("%+v", rep)
		}
		if b := background(t, url, f); b.State != BackfillRuns || b.Worker == nil || b.Heartbeat == nil || b.Progress.Keys < 300 {
			t.Errorf("%+v", b)
		}
	})}
	work(t, url, f, h.listen)
	if passed := heard[Passed](other); len(passed) != 1 || passed[0].Background.Worker == nil {
		t.Errorf("%+v", passed)
	}
	everyOne(t, url)
	tiles(t, url)
}

// up adds a column to the table while its rows are filled: it waits for no more than
// the batch in hand, and takes the migration lock, which is free.
func TestUpBesideWork(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := countingLater("rows=100 target=1ms")
	up(t, url, f)
	h := &hearing{on: at(3, func() {
		up(t, url, f.with(pairs{"2_more.up.sql": "ALTER TABLE t ADD COLUMN more int;\n"}), func(c *Config) { c.LockWait = -1 })
		states(t, url, "1 background, 2 applied")
	})}
	work(t, url, f, h.listen)
	everyOne(t, url)
	tiles(t, url)
}

// The time is over between two batches; the next work resumes there.
func TestWorkMaxTime(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := countingLater("rows=100 target=1ms pause=1h") // after the first batch, however late that is
	up(t, url, f)
	rep, err := testRunner(t, url, load(t, f)).Work(testContext(t), WorkRequest{MaxTime: 5 * time.Second})
	if err != nil || len(rep.Done) != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
	if b := background(t, url, f); b.State != BackfillWaits || b.Worker != nil || b.Attempts != 0 {
		t.Errorf("%+v", b)
	}
	is(t, url, "SELECT count(*) FROM rung.batches", "1")
	hurry := &BatchOverride{}
	must(t, hurry.Set("pause", "0"))
	work(t, url, f, func(c *Config) { c.Batch = hurry })
	everyOne(t, url)
	tiles(t, url)
}

// A lock timeout may pass: the attempt is made again after a pause, and the pauses
// used up it has failed. A row that is wrong is not tried again.
func TestWorkTriesAgain(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := countingLater("rows=100")
	up(t, url, f)
	short := func(c *Config) { c.LockTimeout, c.LockRetries = 10*time.Millisecond, -1 }
	o := join(t, url)
	o.do("BEGIN; LOCK TABLE t")
	h := &hearing{}
	r := testRunner(t, url, load(t, f), short, h.listen)
	_, err := r.Work(testContext(t), WorkRequest{pauses: []time.Duration{time.Millisecond, 2 * time.Millisecond}})
	if err == nil || !strings.Contains(err.Error(), "(55P03)") {
		t.Errorf("%v", err)
	}
	tries := heard[AttemptFailed](h)
	if len(tries) != 3 || tries[0].Final || tries[1].Pause != 2*time.Millisecond || !tries[2].Final || tries[2].Attempt != 3 {
		t.Errorf("%+v", tries)
	}
	if b := background(t, url, f); b.State != BackfillFailed || b.Attempts != 3 || b.SQLState != "55P03" {
		t.Errorf("%+v", b)
	}
	// With Once there is one attempt, and the next one is another work's.
	once := &hearing{}
	_, err = testRunner(t, url, load(t, f), short, once.listen).Work(testContext(t), WorkRequest{Once: true})
	if tries := heard[AttemptFailed](once); err == nil || len(tries) != 1 {
		t.Errorf("%+v, %v", tries, err)
	}
	o.do("ROLLBACK")
	work(t, url, f)
	everyOne(t, url)
}
