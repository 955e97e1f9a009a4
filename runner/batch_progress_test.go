package runner

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// What is told of each batch adds up, in one run and over two. A VACUUM would
// count again, and miss the rows that another worker is changing just then.
func TestBatchProgress(t *testing.T) {
	t.Parallel()
	for name, workers := range map[string]string{"one worker": "1", "four": "4"} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 2000)
			f := counting("rows=100 target=1min vacuum=off workers=" + workers)
			f["1_count.up.sql"] += "CREATE TABLE done ();\n"
			var all []Progress
			stop := make(chan func(), 1)
			h := &hearing{on: func(e Event) {
				if done, ok := e.(BatchDone); ok {
					if done.File != "sql/1_count.up.sql" || done.Line != 2 || done.Took <= 0 || done.Took > patience || len(done.First) != 1 {
						t.Errorf("%+v", done)
					}
					if all = append(all, done.Progress); len(all) == 4 {
						(<-stop)()
					}
				}
			}}
			r := startUp(t, url, f, h.listen)
			stop <- r.stop
			var stopped *StoppedError
			if err := r.result(); !errors.As(err, &stopped) {
				t.Fatal(err)
			}
			up(t, url, f, h.listen)
			tiles(t, url)
			slices.SortFunc(all, func(a, b Progress) int { return a.Batches - b.Batches }) // workers may be told of out of turn
			for i, p := range all {
				if p.Version != "1" || p.Direction != Up || p.Step != 1 || p.Batches != i+1 || p.Keys != p.Rows || p.Total != 2000 || p.Size <= 100 || p.Rate <= 0 || p.Paused {
					t.Errorf("batch %d: %+v", i+1, p)
				}
				if eta := p.ETA(); (eta > 0) != (p.Keys < 2000) {
					t.Errorf("batch %d: ETA %s", i+1, eta)
				}
			}
			if last := all[len(all)-1]; last.Keys != 2000 {
				t.Errorf("%+v", last)
			}
		})
	}
}

// Any other session sees how far it is; so does a runner that waits for it.
func TestBatchSeenFromElsewhere(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 2000)
	f := counting("rows=100 target=1min")
	var second *running
	waiting := make(chan WaitingForLock, 1)
	var mine Progress
	h := &hearing{}
	h.on = func(e Event) {
		done, ok := e.(BatchDone)
		if !ok || done.Progress.Batches != 3 {
			return
		}
		mine = done.Progress
		st, err := testRunner(t, url, load(t, f)).Status(testContext(t))
		if err != nil || len(st.Backfills) != 1 || st.Running == nil || st.Running.Application != "rung" {
			t.Errorf("%+v, %v", st, err)
			return
		}
		if p := st.Backfills[0]; p.Version != "1" || p.Direction != Up || p.Step != 1 || p.Batches != 3 || p.Keys != mine.Keys || p.Rows != mine.Rows || p.Total != mine.Total || p.Rate <= 0 || p.ETA() <= 0 || p.Paused {
			t.Errorf("%+v, not %+v", p, mine)
		}
		listener := &hearing{on: once(func(e WaitingForLock) { waiting <- e })}
		second = startUp(t, url, f, listener.listen)
		wait := <-waiting
		if wait.Backfill == nil || wait.Backfill.Batches != 3 || wait.Backfill.Keys != mine.Keys || wait.Holder.PID == 0 {
			t.Errorf("%+v, %+v", wait, wait.Backfill)
		}
		// One that will not wait says no at once.
		var timeout *LockTimeoutError
		if _, err := testRunner(t, url, load(t, f), func(c *Config) { c.LockWait = -1 }).Up(testContext(t), UpRequest{}); !errors.As(err, &timeout) {
			t.Errorf("%v", err)
		}
	}
	up(t, url, f, h.listen)
	second.mustSucceed() // with nothing left to do
	everyOne(t, url)
	st, err := testRunner(t, url, load(t, f)).Status(testContext(t))
	if err != nil || len(st.Backfills) != 0 || st.Running != nil {
		t.Errorf("%+v, %v", st, err)
	}
}

// The guess of the rows is the planner's, also for a table that was never
// analyzed and for a partitioned one, and it yields to what was counted.
func TestBatchTotal(t *testing.T) {
	t.Parallel()
	const plain = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0) WITH (autovacuum_enabled = off)"
	const partitioned = `CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF t FOR VALUES FROM (0) TO (5000) WITH (autovacuum_enabled = off);
		CREATE TABLE p2 PARTITION OF t DEFAULT WITH (autovacuum_enabled = off)`
	const update, remove = "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2", "DELETE FROM t WHERE id BETWEEN $1 AND $2"
	for _, c := range []struct {
		name, ddl, options, statement string
	}{
		{"never analyzed", plain, "vacuum=off", update},
		{"partitioned", partitioned, "vacuum=off", update},
		{"vacuumed", plain, "vacuum=1", update},
		{"vacuumed by workers", plain, "vacuum=1 workers=2", update},
		{"partitioned and vacuumed", partitioned, "vacuum=1", update},
		{"rows that go away", plain, "vacuum=1", remove},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, c.ddl+"; INSERT INTO t SELECT generate_series(1, 10000)")
			h := &hearing{}
			up(t, url, pairs{"1_a.up.sql": "-- rung:batch key=t.id rows=2000 " + c.options + "\n" + c.statement}, h.listen)
			done := heard[BatchDone](h)
			for i, e := range done {
				if total := e.Progress.Total; total < 5_000 || total > 20_000 {
					t.Errorf("batch %d: of %d", i+1, total)
				}
			}
			if last := done[len(done)-1].Progress; last.Keys != 10_000 || last.Total != 10_000 {
				t.Errorf("%+v", last)
			}
			is(t, url, "SELECT estimate BETWEEN 5000 AND 20000 FROM rung.steps", "true")
		})
	}
}

// A release need not wait for a backfill: what comes before it is applied.
func TestNoBatches(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_t.up.sql":     "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT generate_series(1, 1000)",
		"2_count.up.sql": counting("rows=100")["1_count.up.sql"],
		"3_after.up.sql": "CREATE TABLE after ()",
	}
	noBatches := func() *Report {
		t.Helper()
		rep, err := testRunner(t, url, load(t, f)).Up(testContext(t), UpRequest{Request: Request{NoBatches: true}})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	if rep := noBatches(); len(rep.Done) != 1 || waiting(rep.Plan) != "2, 3" {
		t.Errorf("%+v", rep)
	}
	// Half of it ran, and the release after that.
	r := startUp(t, url, f, (&hearing{on: at(3, func() { steered(t, url, pause) })}).listen)
	eventually(t, "it is paused", func() bool { return committed(t, url) == 3 })
	nothingOpen(t, url)
	r.stop()
	_ = r.result()
	if rep := noBatches(); len(rep.Done) != 0 || waiting(rep.Plan) != "2, 3" {
		t.Errorf("%+v", rep)
	}
	if committed(t, url) != 3 {
		t.Error("a batch ran")
	}
	steered(t, url, resume)
	if rep := up(t, url, f); len(rep.Done) != 2 || waiting(rep.Plan) != "" {
		t.Errorf("%+v", rep)
	}
	if rep := noBatches(); len(rep.Done) != 0 || waiting(rep.Plan) != "" {
		t.Errorf("%+v", rep)
	}
	everyOne(t, url)
}

// The first signal lets the batch in hand finish, unless that waits for a
// lock and has to yield.
func TestBatchStopped(t *testing.T) {
	t.Parallel()
	t.Run("in a batch", func(t *testing.T) {
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		o := join(t, url)
		o.do("BEGIN; UPDATE t SET n = n WHERE id = 50")
		r := startUp(t, url, counting("rows=100"))
		o.blocks(url)
		r.stop()
		o.do("COMMIT")
		var stopped *StoppedError
		if err := r.result(); !errors.As(err, &stopped) || stopped.Where != "1_count is applied in part: 1 batch of step 1 committed, 100 rows changed; the next `rung up` resumes there" {
			t.Errorf("%v", err)
		}
		is(t, url, "SELECT sum(n), max(id) FILTER (WHERE n = 1) FROM t", "100|100")
		up(t, url, counting("rows=100"))
		everyOne(t, url)
	})
	t.Run("between two tries", func(t *testing.T) {
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		o := join(t, url)
		o.do("BEGIN; UPDATE t SET n = n WHERE id = 50")
		gaveWay := make(chan struct{}, 100)
		h := &hearing{on: func(e Event) {
			if _, ok := e.(Retrying); ok {
				gaveWay <- struct{}{}
			}
		}}
		r := startUp(t, url, counting("rows=100"), h.listen, func(c *Config) { c.LockTimeout, c.LockRetries = 50*time.Millisecond, 1_000_000 })
		<-gaveWay
		r.stop()
		var stopped *StoppedError
		if err := r.result(); !errors.As(err, &stopped) {
			t.Errorf("%v", err)
		}
		is(t, url, "SELECT count(*) FROM rung.batches", "0")
	})
	t.Run("in a long pause", func(t *testing.T) {
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		first := make(chan struct{}, 1)
		r := startUp(t, url, counting("rows=100 pause=1h"), (&hearing{on: once(func(BatchDone) { first <- struct{}{} })}).listen)
		<-first
		r.stop()
		var stopped *StoppedError
		if err := r.result(); !errors.As(err, &stopped) {
			t.Errorf("%v", err)
		}
	})
}

// waiting are the versions that NoBatches left behind.
func waiting(p *Plan) string {
	var all []string
	for _, m := range p.Waiting {
		all = append(all, string(m.Version))
	}
	return strings.Join(all, ", ")
}
