package runner

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
	"rung/runner/internal/lock"
)

// cutAtMessage cuts the connection of the work, which is the second, at its nth
// message: the first one reads the history tables and then holds the migration
// lock. It says whether that message came.
func cutAtMessage(p *proxy.Proxy, n int, at proxy.Moment) (came *bool) {
	came = new(bool)
	armed := false
	sent := 0
	first, work := 0, 0 // connections are numbered on from test to test
	p.OnClientMessage(func(m proxy.Message) proxy.Action {
		switch {
		case first == 0:
			first = m.Conn
		case work == 0 && m.Conn != first:
			work = m.Conn
		}
		if m.Type != 'Q' || m.Conn != work {
			return proxy.Forward
		}
		if sent++; sent != n {
			return proxy.Forward
		}
		*came = true
		switch at {
		case proxy.BeforeStatement:
			return proxy.Cut
		case proxy.AfterStatement:
			return proxy.CutAfter
		}
		armed = true
		return proxy.Forward
	})
	p.OnServerMessage(func(m proxy.Message) proxy.Action {
		if !armed || m.Conn != work {
			return proxy.Forward
		}
		return loseAnswer(m)
	})
	return came
}

// loseAnswer drops what tells that a message was done, and cuts the connection at its
// end.
func loseAnswer(m proxy.Message) proxy.Action {
	switch m.Type {
	case 'Z':
		return proxy.Cut
	case 'C', 'I':
		return proxy.Drop
	}
	return proxy.Forward
}

// Wherever the connection is lost, before a message, while the server works on
// it, or so that its answer never comes: each row is counted once. Once the
// backfill has begun, it goes on by itself.
func TestBatchConnectionLostAtEveryMessage(t *testing.T) {
	t.Parallel()
	f := counting("rows=100 vacuum=off")
	for at, name := range map[proxy.Moment]string{proxy.BeforeStatement: "before", proxy.AfterStatement: "while it runs", proxy.BeforeAnswer: "before the answer"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			p, through := pgtest.Proxy(t, url)
			resumed := 0
			for n := 1; ; n++ {
				pgtest.Exec(t, url, "DROP SCHEMA IF EXISTS rung CASCADE; DROP TABLE IF EXISTS t")
				numbered(t, url, 150)
				came := cutAtMessage(p, n, at)
				h := &hearing{}
				_, err := testRunner(t, through, load(t, f), h.listen).Up(testContext(t), UpRequest{})
				p.OnClientMessage(nil)
				p.OnServerMessage(nil)
				if !*came {
					if err != nil || resumed < 6 {
						t.Errorf("%v; it went on by itself %d times", err, resumed)
					}
					break
				}
				if len(heard[Settling](h)) > 0 && err == nil {
					resumed++
				}
				if err != nil && len(heard[BatchDone](h)) > 0 && ask(t, url, "SELECT state FROM rung.steps") != "done" {
					t.Errorf("message %d: did not go on after a batch: %v", n, err)
				}
				up(t, url, f)
				everyOne(t, url)
				tiles(t, url)
				is(t, url, "SELECT state FROM rung.migrations", "applied")
				if t.Failed() {
					t.Fatalf("at message %d", n)
				}
			}
		})
	}
}

// A worker's connection is lost: the run goes on, and so it does when a worker's
// session is ended by an administrator.
func TestBatchWorkersSessionEnded(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 3000)
	ended := 0
	h := &hearing{on: func(e Event) {
		if done, ok := e.(BatchDone); ok && done.Progress.Batches%7 == 0 && ended < 4 {
			ended++
			// Whoever works on t just now, or any of those that might.
			pgtest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE application_name = 'rung' AND datname = current_database() AND query <> ''
				  AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory') ORDER BY random() LIMIT 1`)
		}
	}}
	up(t, url, counting("rows=100 workers=3 target=1ms"), h.listen)
	everyOne(t, url)
	tiles(t, url)
	if ended == 0 || len(heard[Settling](h)) == 0 {
		t.Errorf("%d sessions ended, %d losses", ended, len(heard[Settling](h)))
	}
}

// The history says that another runner has the step. One that holds the lock
// takes it back: it was a dead one's late word. One that has lost the lock
// stops before its next batch.
func TestBatchFence(t *testing.T) {
	t.Parallel()
	for name, lockLost := range map[string]bool{"with the lock": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			h := &hearing{on: func(e Event) {
				if done, ok := e.(BatchDone); ok && done.Progress.Batches == 3 {
					pgtest.Exec(t, url, "UPDATE rung.steps SET run = 'another'")
					if lockLost {
						pgtest.Exec(t, url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
					}
				}
			}}
			r := startUp(t, url, counting("rows=100 target=1ms"), h.listen)
			err := r.result()
			var gone *UnreachableError
			switch {
			case !lockLost && err != nil:
				t.Fatal(err)
			case lockLost && (!errors.As(err, &gone) || !strings.Contains(err.Error(), lock.ErrLost.Error())):
				t.Fatal(err)
			case lockLost:
				is(t, url, "SELECT count(*) FROM rung.batches", "3")
				is(t, url, "SELECT state, run FROM rung.steps", "started|another")
				up(t, url, counting("rows=100"))
			}
			everyOne(t, url)
			tiles(t, url)
		})
	}
}

// A batch that another runner has committed meanwhile cannot be committed
// twice: the batch log's key stands against it.
func TestBatchLedgerKey(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	h := &hearing{on: once(func(e BatchDone) {
		pgtest.Exec(t, url, fmt.Sprintf(`INSERT INTO rung.batches (version, direction, step, after_key, first_key, last_key, keys, rows, duration, run)
			SELECT version, direction, step, last_key, '{%d}', '{300}', 0, 0, '0', 'another' FROM rung.batches`, 101))
	})}
	_, err := upFails(t, url, counting("rows=100"), h.listen)
	if !strings.Contains(err.Error(), "sql/1_count.up.sql: in the history tables: duplicate key value violates unique constraint \"batches_pkey\" (23505)") {
		t.Error(err)
	}
	is(t, url, "SELECT sum(n) FROM t", "100")
}
