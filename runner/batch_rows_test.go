package runner

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// once runs something at the first event of a kind.
func once[E Event](do func(E)) func(Event) {
	var o sync.Once
	return func(e Event) {
		if e, ok := e.(E); ok {
			o.Do(func() { do(e) })
		}
	}
}

// Every kind of statement that PREPARE takes runs in batches.
func TestBatchVerbs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, batch, query, want string }{
		{"UPDATE", "UPDATE t SET n = n + id WHERE id BETWEEN $1 AND $2", "SELECT sum(n) FROM t", "500500"},
		{"INSERT SELECT", "INSERT INTO copy SELECT id FROM t WHERE id BETWEEN $1 AND $2", "SELECT count(*), count(DISTINCT id) FROM copy", "1000|1000"},
		{"INSERT ON CONFLICT", "INSERT INTO copy SELECT id FROM t WHERE id BETWEEN $1 AND $2 ON CONFLICT DO NOTHING", "SELECT count(*) FROM copy", "1000"},
		{"DELETE", "DELETE FROM t WHERE id BETWEEN $1 AND $2 AND id % 3 = 0", "SELECT count(*), count(*) FILTER (WHERE id % 3 = 0) FROM t", "667|0"},
		{"DELETE of all", "DELETE FROM t WHERE id BETWEEN $1 AND $2", "SELECT count(*) FROM t", "0"},
		{"MERGE", "MERGE INTO copy USING (SELECT id FROM t WHERE id BETWEEN $1 AND $2) s ON s.id = copy.id WHEN NOT MATCHED THEN INSERT VALUES (s.id)", "SELECT count(*) FROM copy", "1000"},
		{"WITH", "WITH moved AS (DELETE FROM t WHERE id BETWEEN $1 AND $2 RETURNING id) INSERT INTO copy SELECT id FROM moved", "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM copy)", "0|1000"},
		{"SELECT of a function", "SELECT note(id) FROM t WHERE id BETWEEN $1 AND $2", "SELECT count(*) FROM copy", "1000"},
		{"several", "SELECT id FROM t WHERE id BETWEEN $1 AND $2 FOR UPDATE; INSERT INTO copy SELECT id FROM t WHERE id BETWEEN $1 AND $2; UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n-- rung:end", "SELECT (SELECT sum(n) FROM t), (SELECT count(*) FROM copy)", "1000|1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := pgtest.URL(t)
			if c.name == "MERGE" && pgtest.Major(t, url) < 15 {
				t.Skip("MERGE came with 15")
			}
			numbered(t, url, 1000)
			pgtest.Exec(t, url, `CREATE TABLE copy (id int PRIMARY KEY);
				CREATE FUNCTION note(id int) RETURNS void LANGUAGE sql AS 'INSERT INTO copy VALUES ($1)'`)
			up(t, url, pairs{"1_a.up.sql": "-- rung:batch key=t.id rows=150 vacuum=1\n" + c.batch})
			is(t, url, c.query, c.want)
			is(t, url, "SELECT sum(rows) > 0 FROM rung.batches", "true") // by which VACUUM is due
			tiles(t, url)
		})
	}
}

// Ranges in which the statement changes nothing do not end the run.
func TestBatchChangesNothingInPlaces(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	up(t, url, pairs{"1_a.up.sql": "-- rung:batch key=t.id rows=50\nUPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2 AND (id BETWEEN 301 AND 310 OR id = 1000)"})
	is(t, url, "SELECT sum(n), min(id), max(id) FROM t WHERE n > 0", "11|301|1000")
	is(t, url, "SELECT count(*) FILTER (WHERE rows = 0) > 5, sum(rows), sum(keys) FROM rung.batches", "true|11|1000")
}

// Down files go in batches as up files do, from the directory and from the
// history.
func TestBatchDown(t *testing.T) {
	t.Parallel()
	f := counting("rows=100").with(pairs{"1_count.down.sql": "-- rung:batch key=t.id rows=100\nUPDATE t SET n = n - 1 WHERE id BETWEEN $1 AND $2 AND n < 9;\nUPDATE t SET n = -n WHERE n = 9;"})
	for name, withFile := range map[string]bool{"from the file": true, "from the history": false} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			up(t, url, f)
			everyOne(t, url)
			directory := f
			if !withFile {
				directory = pairs{"0_before.up.sql": "SELECT 1"}
			}
			pgtest.Exec(t, url, "ALTER TABLE t ADD CONSTRAINT stuck CHECK (n = 1 OR id <> 777)")
			_, err := testRunner(t, url, load(t, directory)).Down(testContext(t), Request{})
			if err == nil || !strings.Contains(err.Error(), ", for the key (777), in the batch of ") {
				t.Fatal(err)
			}
			if st, err := testRunner(t, url, load(t, directory)).Status(testContext(t)); err != nil || len(st.Backfills) != 1 || st.Backfills[0].Direction != Down || st.Backfills[0].Batches == 0 {
				t.Errorf("%+v, %v", st, err)
			}
			pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT stuck; UPDATE t SET n = 9 WHERE id = 1000")
			h := &hearing{}
			down(t, url, directory, Request{}, h.listen)
			is(t, url, "SELECT n, count(*) FROM t GROUP BY n ORDER BY n LIMIT 1", "-9|1")
			is(t, url, "SELECT count(*) FROM t WHERE n = 0", "999")
			is(t, url, "SELECT count(*) FROM rung.migrations", "0")
			if n := len(heard[BatchDone](h)); n == 0 || heard[BatchDone](h)[0].Progress.Keys < 200 {
				t.Errorf("%d batches after the fix", n)
			}
			is(t, url, "SELECT count(*) FROM rung.batches", "0")
			up(t, url, f) // and it can go up again
		})
	}
}

// The end is where the last key was at the start: a row that comes above it
// later is left alone, one that comes below it is not.
func TestBatchUpperEnd(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, "UPDATE t SET id = -id; UPDATE t SET id = -10 * id")
	h := &hearing{on: once(func(BatchDone) {
		pgtest.Exec(t, url, "INSERT INTO t VALUES (9999, 0), (10001, 0), (20000, 0)")
	})}
	up(t, url, counting("rows=100"), h.listen)
	is(t, url, "SELECT string_agg(id || ':' || n, ' ' ORDER BY id) FROM t WHERE id > 9990", "9999:1 10000:1 10001:0 20000:0")
	is(t, url, "SELECT sum(n) FROM t", "1001")
	// A run that is taken up later keeps to that end.
	pgtest.Exec(t, url, `DELETE FROM rung.batches WHERE last_key = '{10000}'; UPDATE t SET n = 0 WHERE id > 20000;
		UPDATE rung.steps SET state = 'started'; UPDATE rung.migrations SET state = 'applying'`)
	up(t, url, counting("rows=100"))
	is(t, url, "SELECT sum(n) FROM t WHERE id > 10000", "0")
}

// Rows that go away meanwhile, the last key among them, do not hold the run up.
func TestBatchRowsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]string{
		"the upper end": "id = 1000", "a range": "id BETWEEN 300 AND 700", "the rest": "id > 200", "all": "true",
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			h := &hearing{on: once(func(BatchDone) { pgtest.Exec(t, url, "DELETE FROM t WHERE "+gone) })}
			up(t, url, counting("rows=100"), h.listen)
			everyOne(t, url)
			is(t, url, "SELECT state FROM rung.migrations", "applied")
		})
	}
}

// A row that another transaction holds is waited for, never skipped.
func TestBatchWaitsForLockedRows(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	o := join(t, url)
	o.do("BEGIN; UPDATE t SET n = n WHERE id = 555")
	r := startUp(t, url, counting("rows=200"))
	o.blocks(url)
	r.still()
	o.do("COMMIT")
	r.mustSucceed()
	everyOne(t, url)
}

// Where that takes longer than the lock timeout, the batch is rolled back, says who
// disturbed it, and comes again.
func TestBatchRetriesAfterLockTimeout(t *testing.T) {
	t.Parallel()
	for name, lock := range map[string]string{
		"a row":     "UPDATE t SET n = n WHERE id = 555",
		"the table": "LOCK TABLE t IN ACCESS EXCLUSIVE MODE", // which the walk itself meets
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			o := join(t, url)
			gaveWay := make(chan Retrying, 10)
			h := &hearing{on: func(e Event) {
				switch e := e.(type) {
				case Retrying:
					gaveWay <- e
				case BatchDone:
					if e.Progress.Batches == 1 {
						o.do("BEGIN; " + lock)
					}
				}
			}}
			r := startUp(t, url, counting("rows=200"), h.listen, func(c *Config) { c.LockTimeout = time.Second }) // time to see who it is
			e := <-gaveWay
			o.do("COMMIT")
			r.mustSucceed()
			everyOne(t, url)
			tiles(t, url)
			if e.Line != 2 || e.Attempt != 1 || e.Of != 10 || len(e.Blockers) != 1 || e.Blockers[0].PID != o.pid || e.Blockers[0].Application != "other" {
				t.Errorf("%+v", e)
			}
		})
	}
}

// The looks that come before the first batch are retried at a lock as well.
func TestBatchRetriesItsStart(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 100)
	o := join(t, url)
	o.do("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
	h := &hearing{on: once(func(Retrying) { o.do("COMMIT") })}
	up(t, url, counting(""), h.listen, func(c *Config) { c.LockTimeout = 200 * time.Millisecond })
	everyOne(t, url)
	if len(heard[Retrying](h)) == 0 {
		t.Error("it waited for longer than the lock timeout")
	}
}

// A batch that is never let in stops the run with its keys; what came
// before is kept, and the next run resumes there.
func TestBatchGivesUp(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	o := join(t, url)
	o.do("BEGIN; UPDATE t SET n = n WHERE id = 555")
	quick := func(c *Config) { c.LockTimeout, c.LockRetries = 20*time.Millisecond, 2 }
	_, err := upFails(t, url, counting("rows=200"), quick)
	batches := ask(t, url, "SELECT count(*) FROM rung.batches")
	last := ask(t, url, "SELECT max((last_key)[1]::int) FROM rung.batches")
	want := regexp.MustCompile(fmt.Sprintf(`^sql/1_count\.up\.sql:2:1: canceling statement due to lock timeout \(55P03\), in the batch of \d+ keys \(%s\) to \(`, plusOne(last)))
	if !want.MatchString(err.Error()) {
		t.Errorf("\ngot  %v\nwant %s", err, want)
	}
	var s *StatementError
	if !errors.As(err, &s) {
		t.Fatalf("%T: %v", err, err)
	}
	standing := fmt.Sprintf("1_count is applied in part: %s batches of step 1 committed, %s rows changed; the next `rung up` resumes there", batches, last)
	if s.Standing != standing {
		t.Errorf("%q, not %q", s.Standing, standing)
	}
	o.do("COMMIT")
	up(t, url, counting("rows=200"))
	everyOne(t, url)
	tiles(t, url)
}

func plusOne(n string) string {
	i, _ := strconv.Atoi(n)
	return fmt.Sprint(i + 1)
}
