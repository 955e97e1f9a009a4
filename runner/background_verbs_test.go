package runner

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// What the other commands do about a background backfill.

// down of a version in each state: its worker stops between two batches, and all of it
// is reverted.
func TestDownOfABackground(t *testing.T) {
	t.Parallel()
	gone := func(t *testing.T, url string) {
		t.Helper()
		is(t, url, "SELECT (SELECT count(*) FROM rung.migrations) + (SELECT count(*) FROM rung.background) + (SELECT count(*) FROM rung.control) + (SELECT count(*) FROM rung.steps)", "0")
		is(t, url, "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'm' AND NOT attisdropped", "0")
	}
	f := later("rows=100 target=1ms").without("2_other.up.sql", "2_other.down.sql")
	t.Run("registered", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		up(t, url, f)
		down(t, url, f, Request{})
		gone(t, url)
	})
	t.Run("running", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		up(t, url, f)
		reverted := make(chan error, 1)
		h := &hearing{on: at(3, func() {
			go func() {
				_, err := testRunner(t, url, load(t, f)).Down(testContext(t), Request{})
				reverted <- err
			}()
			eventually(t, "down asks the worker to stop", func() bool { return ask(t, url, "SELECT count(*) FROM rung.control WHERE paused") == "1" })
		})}
		if rep := work(t, url, f, h.listen); len(rep.Done) != 0 {
			t.Errorf("%+v", rep.Done)
		}
		must(t, <-reverted)
		gone(t, url)
		is(t, url, "SELECT sum(n) FROM t", "300")
	})
	t.Run("in batches", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		f := f.with(pairs{"1_count.down.sql": "-- rung:batch key=t.id rows=100\nUPDATE t SET n = 0 WHERE id BETWEEN $1 AND $2;\nALTER TABLE t DROP COLUMN m;\n"})
		up(t, url, f)
		down(t, url, f, Request{}, notPaused(t))
		gone(t, url)
		up(t, url, f)
		_, err := testRunner(t, url, load(t, f)).Pause(testContext(t), nil)
		must(t, err)
		down(t, url, f, Request{}, notPaused(t))
		gone(t, url)
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		numbered(t, url, 1000)
		up(t, url, f)
		pgtest.Exec(t, url, "ALTER TABLE t ADD CHECK (n = 0)")
		_, err := testRunner(t, url, load(t, f)).Work(testContext(t), WorkRequest{})
		if err == nil {
			t.Error("work succeeded")
		}
		down(t, url, f, Request{})
		gone(t, url)
	})
}

// A worker whose batch waits for somebody's row does not stop in time: down leaves it
// as it was.
func TestDownTimesOut(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := countingLater("rows=100")
	up(t, url, f)
	o := join(t, url)
	o.do("BEGIN; UPDATE t SET n = n WHERE id = 50")
	r := startWork(t, url, f, WorkRequest{})
	o.blocks(url)
	_, err := testRunner(t, url, load(t, f), func(c *Config) { c.LockWait = -1 }).Down(testContext(t), Request{})
	var timeout *LockTimeoutError
	if !errors.As(err, &timeout) || !strings.HasPrefix(err.Error(), "timed out waiting for the backfill of 1_count to stop: held by pid ") {
		t.Errorf("%v", err)
	}
	is(t, url, "SELECT paused FROM rung.control", "false")
	o.do("ROLLBACK")
	r.mustSucceed()
	everyOne(t, url)
}

// redo reverts it and registers it again.
func TestRedoOfABackground(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := countingLater("rows=100")
	up(t, url, f)
	work(t, url, f)
	rep, err := testRunner(t, url, load(t, f)).Redo(testContext(t), Request{})
	if err != nil || len(rep.Done) != 2 || !rep.Done[1].Registered {
		t.Errorf("%+v, %v", rep, err)
	}
	states(t, url, "1 background")
}

// up by other ways: one transaction refuses it, --no-batches registers it, and a
// baseline records it as applied.
func TestOtherUpsOfABackground(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := countingLater("rows=100")
	r := testRunner(t, url, load(t, f))
	var refusal *RefusalError
	if _, err := r.Up(testContext(t), UpRequest{Together: true}); !errors.As(err, &refusal) {
		t.Errorf("%v", err)
	}
	rep, err := r.Up(testContext(t), UpRequest{Request: Request{NoBatches: true}})
	if err != nil || len(rep.Done) != 1 || !rep.Done[0].Registered || len(rep.Plan.Waiting) != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
	pgtest.Exec(t, url, "DROP SCHEMA rung CASCADE")
	_, err = testRunner(t, url, load(t, f)).Baseline(testContext(t), "1")
	must(t, err)
	states(t, url, "1 applied")
	is(t, url, "SELECT count(*) FROM rung.background", "0")
}

// The script of plan --sql has no worker: it runs the backfill where it stands.
func TestScriptOfABackground(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := needing("rows=100")
	var b strings.Builder
	p, err := testRunner(t, url, load(t, f)).WriteScript(testContext(t), Up, UpRequest{}, &b)
	if err != nil || len(p.Actions) != 4 || !strings.Contains(b.String(), "in place of `rung work`") {
		t.Errorf("%v\n%s", err, b.String())
	}
	runByHand(t, url, b.String())
	everyOne(t, url)
	states(t, url, "1 applied, 2 applied, 3 applied, 4 applied")
}

// Pause and resume of a backfill that nobody has begun, and resume of a failed one.
func TestSteerABackground(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := countingLater("rows=100")
	up(t, url, f)
	if p := steered(t, url, pause); p.Version != "1" || !p.Paused {
		t.Errorf("%+v", p)
	}
	h := &hearing{}
	if rep := work(t, url, f, h.listen); len(rep.Done) != 0 || len(heard[Passed](h)) != 1 {
		t.Errorf("%+v", rep)
	}
	steered(t, url, resume)
	pgtest.Exec(t, url, "ALTER TABLE t ADD CONSTRAINT none CHECK (n = 0)")
	if _, err := testRunner(t, url, load(t, f)).Work(testContext(t), WorkRequest{}); err == nil {
		t.Error("work succeeded")
	}
	// A worker that watches tries a failed one again once it is resumed.
	pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT none")
	steered(t, url, resume)
	if b := background(t, url, f); b.State != BackfillWaits || b.Attempts != 0 || b.Error == "" {
		t.Errorf("%+v", b)
	}
	work(t, url, f)
	everyOne(t, url)
}

// A file that was edited since continues with its statement fixed; one whose head was
// edited is refused, by up and by work, and accepted by repair.
func TestEditedBackground(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := later("rows=100").without("2_other.up.sql", "2_other.down.sql")
	up(t, url, f)
	fixed := strings.Replace(f["1_count.up.sql"], "n + 1", "1", 1)
	up(t, url, f.with(pairs{"1_count.up.sql": fixed}))
	edited := f.with(pairs{"1_count.up.sql": strings.Replace(fixed, "m int", "m bigint", 1)})
	var disagree *DisagreementError
	if _, err := upFails(t, url, edited.with(pairs{"2_b.up.sql": ""})); !errors.As(err, &disagree) {
		t.Errorf("%v", err)
	}
	if _, err := testRunner(t, url, load(t, edited)).Work(testContext(t), WorkRequest{}); !errors.As(err, &disagree) {
		t.Errorf("%v", err)
	}
	if _, err := testRunner(t, url, load(t, edited)).Repair(testContext(t), nil); err != nil {
		t.Error(err)
	}
	work(t, url, edited)
	everyOne(t, url)
	states(t, url, "1 applied")
	if st, err := testRunner(t, url, load(t, edited)).Status(testContext(t)); err != nil || len(st.Findings) != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// Where the directory lacks the file, work says so and runs the others.
func TestWorkWithoutTheFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := countingLater("rows=100")
	up(t, url, f)
	var disagree *DisagreementError
	other := pairs{"9_z.up.sql": ""}
	if _, err := testRunner(t, url, load(t, other)).Work(testContext(t), WorkRequest{Versions: []Version{"1"}}); !errors.As(err, &disagree) {
		t.Errorf("%v", err)
	}
	var refusal *RefusalError
	for _, v := range []Version{"9", "7"} {
		if _, err := testRunner(t, url, load(t, other)).Work(testContext(t), WorkRequest{Versions: []Version{v}}); !errors.As(err, &refusal) {
			t.Errorf("%v", err)
		}
	}
}

// up waits until another's work is done.
func TestUpWaitsForBackfills(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	f := needing("rows=100")
	up(t, url, f)
	waiting := make(chan bool, 1)
	h := &hearing{on: func(e Event) {
		if _, ok := e.(WaitingForBackfill); ok {
			select {
			case waiting <- true:
			default:
			}
		}
	}}
	done := make(chan error, 1)
	go func() {
		_, err := testRunner(t, url, load(t, f), h.listen).Up(testContext(t), UpRequest{WaitForBackfills: true})
		done <- err
	}()
	select {
	case <-waiting:
	case <-time.After(patience):
		t.Fatal("it does not wait")
	}
	work(t, url, f)
	must(t, <-done)
	states(t, url, "1 applied, 2 applied, 3 applied, 4 applied")
}

// notPaused fails where a run pauses.
func notPaused(t *testing.T) func(*Config) {
	t.Helper()
	return func(c *Config) {
		c.Events = func(e Event) {
			if p, ok := e.(Paused); ok {
				t.Fatalf("%+v", p)
			}
		}
	}
}
