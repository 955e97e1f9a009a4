package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// at runs something once, after so many batches, while the runner waits.
func at(batches int, do func()) func(Event) {
	return func(e Event) {
		if done, ok := e.(BatchDone); ok && done.Progress.Batches == batches {
			do()
		}
	}
}

// both is two listeners.
func both(a, b func(Event)) func(Event) { return func(e Event) { a(e); b(e) } }

// steer is one of Pause, Resume and Tune.
type steer func(*Runner, context.Context, *Version) (*Progress, error)

var pause, resume steer = (*Runner).Pause, (*Runner).Resume

func tune(change Tuning) steer {
	return func(r *Runner, ctx context.Context, v *Version) (*Progress, error) { return r.Tune(ctx, v, change) }
}

// steered calls one of them from a session of its own.
func steered(t testing.TB, url string, do steer) *Progress {
	t.Helper()
	p, err := do(testRunner(t, url, nil), testContext(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ptr[T any](v T) *T { return &v }

// nothingOpen waits until rung's sessions hold no transaction and no lock.
func nothingOpen(t testing.TB, url string) {
	t.Helper()
	eventually(t, "rung holds neither transaction nor lock", func() bool {
		return ask(t, url, `SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rung' AND datname = current_database() AND (xact_start IS NOT NULL OR state <> 'idle'))
			+ (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`) == "0"
	})
}

// A pause takes effect after the batch in hand, holds nothing while it lasts,
// and is still there for the next run.
func TestBatchPause(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		t.Run(fmt.Sprintf("workers=%d", workers), func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 5000)
			f := counting(fmt.Sprintf("rows=100 target=1ms workers=%d", workers))
			paused := make(chan Paused, 10)
			listen := func(h *hearing) *hearing {
				h.on = both(at(3, func() {
					if p := steered(t, url, pause); !p.Paused || p.Batches < 3 || p.Version != "1" {
						t.Errorf("%+v", p)
					}
				}), func(e Event) {
					if e, ok := e.(Paused); ok {
						paused <- e
					}
				})
				return h
			}
			h := listen(&hearing{})
			r := startUp(t, url, f, h.listen)
			if e := <-paused; e.Version != "1" || e.Name != "count" || e.By != "postgres" || time.Since(e.Since) > patience {
				t.Errorf("%+v", e)
			}
			nothingOpen(t, url)
			n := committed(t, url)
			if n < 3 || n > 3+workers-1 {
				t.Errorf("%d batches", n)
			}
			if st, err := testRunner(t, url, load(t, f)).Status(testContext(t)); err != nil || st.Running != nil || len(st.Backfills) != 1 || !st.Backfills[0].Paused || st.Backfills[0].By != "postgres" {
				t.Errorf("%+v, %v", st, err)
			}
			// A stop while it is paused, and another run.
			r.stop()
			var stopped *StoppedError
			if err := r.result(); !errors.As(err, &stopped) || !strings.Contains(err.Error(), "1_count is paused by postgres since ") {
				t.Errorf("%v", err)
			}
			r = startUp(t, url, f, listen(&hearing{}).listen)
			<-paused
			nothingOpen(t, url)
			r.still()
			if now := committed(t, url); now != n {
				t.Errorf("%d batches, %d before", now, n)
			}
			steered(t, url, resume)
			r.mustSucceed()
			everyOne(t, url)
			tiles(t, url)
			is(t, url, "SELECT string_agg(action || ' ' || coalesce(version::text, '') || ' ' || actor, ', ' ORDER BY id) FROM rung.log", "pause 1 postgres, resume 1 postgres, up 1 postgres")
		})
	}
}

// A pause outlives the runner: one that was killed meanwhile is followed by
// one that finds the backfill paused.
func TestBatchPauseSurvivesAKill(t *testing.T) {
	t.Parallel()
	rung := built(t)
	url := pgtest.URL(t)
	numbered(t, url, 100_000)
	f := counting("rows=100 target=1ms")
	p := startProcess(t, rung, url, f.write(t))
	eventually(t, "it works", func() bool { return committed(t, url) > 0 })
	steered(t, url, pause)
	nothingOpen(t, url)
	n := committed(t, url)
	if !p.kill(t, 0) {
		t.Fatal("it did not wait")
	}
	paused := make(chan Paused, 10)
	h := &hearing{on: func(e Event) {
		if e, ok := e.(Paused); ok {
			paused <- e
		}
	}}
	r := startUp(t, url, f, h.listen, func(c *Config) { c.Batch = &BatchOverride{[][2]string{{"target", "1s"}, {"rows", "50000"}}} })
	<-paused
	nothingOpen(t, url)
	if now := committed(t, url); now != n {
		t.Errorf("%d batches, %d before", now, n)
	}
	steered(t, url, resume)
	r.mustSucceed()
	everyOne(t, url)
	tiles(t, url)
}

// What is tuned holds from the next batch on. Each batch takes longer than the
// target that is asked for in the end, so that it must shrink.
func TestBatchTune(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	h := &hearing{on: both(
		at(2, func() { steered(t, url, tune(Tuning{Rows: ptr(7)})) }),
		both(at(5, func() { steered(t, url, tune(Tuning{Rows: ptr(7)})) }),
			at(7, func() { steered(t, url, tune(Tuning{Target: ptr(time.Millisecond), Rows: ptr(300)})) })),
	)}
	up(t, url, pairs{"1_count.up.sql": `-- rung:batch key=t.id rows=100 target=1min
SELECT pg_sleep(0.005) WHERE $1 <= $2;
UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;
-- rung:end
`}, h.listen)
	got := keysOf(t, url)
	// 7 again, though that was asked for before; and from 300 on down.
	if want := []int64{100, 120, 7, 9, 11, 7, 9, 300}; len(got) < 10 || !slices.Equal(got[:8], want) || got[8] >= 300 || got[9] >= got[8] {
		t.Errorf("%v", got)
	}
	everyOne(t, url)
	is(t, url, "SELECT count(*) FROM rung.control", "0") // the down file's backfill starts afresh
}

// A long pause between batches is ended by a shorter one, and by rung pause.
func TestBatchTunePause(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 500)
	resting, paused := make(chan struct{}, 1), make(chan struct{}, 1)
	h := &hearing{on: func(e Event) {
		switch e := e.(type) {
		case BatchDone:
			switch e.Progress.Batches {
			case 1:
				steered(t, url, tune(Tuning{Pause: ptr(time.Hour)}))
			case 2:
				resting <- struct{}{}
			}
		case Paused:
			paused <- struct{}{}
		}
	}}
	r := startUp(t, url, counting("rows=100 pause=10ms"), h.listen)
	<-resting
	steered(t, url, pause)
	<-paused
	steered(t, url, tune(Tuning{Pause: ptr(time.Duration(0))}))
	steered(t, url, resume)
	r.mustSucceed()
	everyOne(t, url)
}

// A pause between batches, and none behind the last one.
func TestBatchRests(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 220)
	began := time.Now()
	up(t, url, counting("rows=100 target=1min pause=700ms"))
	if took := time.Since(began); len(keysOf(t, url)) != 2 || took < 700*time.Millisecond {
		t.Errorf("%s", took)
	}
	pgtest.Exec(t, url, "DROP SCHEMA rung CASCADE; UPDATE t SET n = 0")
	up(t, url, counting("rows=1000 pause=1h"))
	everyOne(t, url)
}

// Workers come and go as they are tuned.
func TestBatchTuneWorkers(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 12_000)
	o := join(t, url)
	sessions := map[int]int{} // by the number of batches
	h := &hearing{on: both(
		func(e Event) {
			if done, ok := e.(BatchDone); ok {
				var count int
				if err := o.conn.QueryRowContext(testContext(t), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rung' AND datname = current_database() AND query NOT LIKE 'VACUUM%'").Scan(&count); err != nil {
					t.Error(err)
				}
				sessions[done.Progress.Batches] = count
			}
		},
		both(at(5, func() { steered(t, url, tune(Tuning{Workers: ptr(3)})) }), at(30, func() { steered(t, url, tune(Tuning{Workers: ptr(1)})) })),
	)}
	up(t, url, counting("rows=100 target=1ms pause=20ms"), h.listen)
	everyOne(t, url)
	tiles(t, url)
	// One of them holds the lock. A session that ends, or that steers, is still
	// counted for a moment: hence the rest after each batch.
	most := 0
	for n := 6; n <= 30; n++ {
		most = max(most, sessions[n])
	}
	if last := len(sessions); sessions[5] != 2 || most < 4 || last < 40 || sessions[last] != 2 {
		t.Errorf("%v", sessions)
	}
}

// What cannot be asked, and what a person with a psql may do all the same.
func TestBatchSteerRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	refused := func(version *Version, do steer, want string) {
		t.Helper()
		var refusal *RefusalError
		if _, err := do(testRunner(t, url, nil), testContext(t), version); !errors.As(err, &refusal) || err.Error() != want {
			t.Errorf("%v, not %s", err, want)
		}
	}
	refused(nil, pause, "no such backfill is running")
	h := &hearing{on: at(2, func() {
		refused(version("2"), pause, "no such backfill is running")
		refused(nil, tune(Tuning{Workers: ptr(0)}), "a backfill needs at least 1 row a batch and 1 worker")
		refused(nil, tune(Tuning{Rows: ptr(0)}), "a backfill needs at least 1 row a batch and 1 worker")
		refused(nil, tune(Tuning{Target: ptr(time.Duration(0))}), "the target of a batch is at least 1 ms")
		refused(nil, tune(Tuning{Pause: ptr(-time.Second)}), "the pause between batches cannot be negative")
		pgtest.Exec(t, url, `INSERT INTO rung.migrations (version, name, state, up_checksum, run, rung_version) VALUES (2, 'b', 'applying', '', '', '');
			INSERT INTO rung.steps (version, direction, step, checksum, state, estimate, run) VALUES (2, 'up', 1, '', 'started', 5, '')`)
		refused(nil, pause, "several backfills are running")
		pgtest.Exec(t, url, `DELETE FROM rung.migrations WHERE version = 2;
			INSERT INTO rung.control (version, rows, target_ms, pause_ms, workers) VALUES (1, 0, 0, 0, 0)`)
	})}
	up(t, url, counting("rows=100 target=1min"), h.listen)
	everyOne(t, url)
	refused(version("1"), pause, "no such backfill is running")
}
