package templates

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// The promise of a live change: no lock that keeps writers out is held longer.
const longestLock = 200 * time.Millisecond

// late is how much later than that a busy machine may let the server see that the time
// is over: a joint lock is held while the next table is waited for, and given up by
// lock_timeout.
const late = 100 * time.Millisecond

// watch looks at pg_locks every few milliseconds. A lock that one transaction
// has in two samples it has had all the time between, so what is measured is
// never more than what was: from the end of the first sample to the beginning
// of the last, both by the server's clock.
type watch struct {
	t       *testing.T
	stop    context.CancelFunc
	done    chan struct{}
	open    map[holding]*span
	longest span
	waited  time.Duration // the longest wait of a reader or writer for a table
	samples int
}

type holding struct {
	pid                         int
	transaction, relation, mode string
}

type span struct {
	of       holding
	from, to time.Time
	// gap is the longest time between two samples of it.
	gap time.Duration
}

func (s *span) length() time.Duration { return s.to.Sub(s.from) }

// stalled tells that the machine stood still meanwhile: the watch, which does
// next to nothing, should have come round every few milliseconds.
func (s *span) stalled() bool { return s.gap > 25*time.Millisecond }

// live runs a test that returns its watch, and fails if a lock was held too
// long. Where the machine stalled during that lock, it has a second try.
func live(t *testing.T, test func() *watch) {
	t.Helper()
	for try := 1; ; try++ {
		w := test()
		w.finish()
		s := &w.longest
		said := fmt.Sprintf("longest lock: %s %s of %s, at most %s between %d samples; longest wait of the load %s",
			s.length().Round(time.Millisecond), s.of.mode, s.of.relation, s.gap.Round(time.Millisecond), w.samples, w.waited.Round(time.Millisecond))
		switch {
		case s.length() <= longestLock+late:
			t.Log(said)
			return
		case try == 1 && s.stalled():
			t.Logf("%s: the machine stalled, so once more", said)
		default:
			t.Errorf("%s; the bound is %s", said, longestLock)
			return
		}
	}
}

// startWatch watches all relations of a database but those of the catalog and
// of rung, in which nobody but the runner writes.
func startWatch(t *testing.T, url string) *watch {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	w := &watch{t: t, stop: stop, done: make(chan struct{}), open: map[holding]*span{}}
	locks, err := db.PrepareContext(ctx, locksSQL)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.done)
		tick := time.NewTicker(3 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			if err := w.sample(locks); err != nil {
				t.Errorf("watch: %v", err)
				return
			}
			<-tick.C
		}
	}()
	t.Cleanup(func() { w.finish(); locks.Close(); db.Close() })
	return w
}

const locksSQL = `
SELECT l.pid, l.virtualtransaction, c.oid::regclass::text, l.mode, l.granted, statement_timestamp(), clock_timestamp(), l.waitstart
  FROM pg_locks AS l
  JOIN pg_class AS c ON c.oid = l.relation
  JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'rung')
 WHERE l.locktype = 'relation'
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.pid <> pg_backend_pid()
   AND CASE WHEN l.granted THEN l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            ELSE l.mode IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock') END`

func (w *watch) sample(locks *sql.Stmt) error {
	rows, err := locks.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	w.samples++
	seen := map[holding]bool{}
	for rows.Next() {
		var h holding
		var granted bool
		var before, after time.Time
		var since sql.NullTime
		if err := rows.Scan(&h.pid, &h.transaction, &h.relation, &h.mode, &granted, &before, &after, &since); err != nil {
			return err
		}
		if granted {
			seen[h] = true
			w.held(h, before, after)
		} else if since.Valid {
			w.waited = max(w.waited, before.Sub(since.Time))
		}
	}
	for h := range w.open {
		if !seen[h] {
			delete(w.open, h)
		}
	}
	return rows.Err()
}

func (w *watch) held(h holding, before, after time.Time) {
	s := w.open[h]
	if s == nil {
		w.open[h] = &span{of: h, from: after, to: after}
		return
	}
	s.gap = max(s.gap, before.Sub(s.to))
	s.to = before
	if s.length() > w.longest.length() {
		w.longest = *s
	}
}

func (w *watch) finish() {
	w.stop()
	<-w.done
}

func TestTheWatchMeasuresLocks(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int PRIMARY KEY)")
	for lock, long := range map[string]bool{"ACCESS EXCLUSIVE": true, "SHARE ROW EXCLUSIVE": true, "SHARE": true, "SHARE UPDATE EXCLUSIVE": false, "ROW EXCLUSIVE": false} {
		w := startWatch(t, url)
		// One transaction holds it for long, another often: only the first counts.
		pgtest.Exec(t, url, "BEGIN; LOCK TABLE t IN "+lock+" MODE; SELECT pg_sleep(0.5); COMMIT")
		for range 50 {
			pgtest.Exec(t, url, "BEGIN; LOCK TABLE t; COMMIT")
		}
		w.finish()
		if held := w.longest.length(); long != (held > longestLock) || held > 0 && w.longest.of.relation != "t" {
			t.Errorf("%s: %s on %q", lock, held, w.longest.of.relation)
		}
	}
}

// objects lists what there is beside the catalog and rung's own, a line each:
// what a change leaves behind is in it.
func (r *rig) objects() string {
	r.Helper()
	return strings.Join(pgtest.QueryStrings(r, r.url, objectsSQL), "\n")
}

const objectsSQL = `
WITH ours AS (
    SELECT oid FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'rung')
), relation AS (
    SELECT oid, relkind FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
)
SELECT format('relation of kind %s %s', relkind, oid::regclass) FROM relation WHERE relkind NOT IN ('i', 'I')
 UNION ALL
SELECT pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END FROM pg_index JOIN relation ON oid = indexrelid
 UNION ALL
SELECT format('column %s.%I %s', attrelid::regclass, attname, format_type(atttypid, atttypmod))
       || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
  FROM pg_attribute
  JOIN relation ON relation.oid = attrelid AND relkind IN ('r', 'p')
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attnum > 0 AND NOT attisdropped
 UNION ALL
SELECT format('constraint %I of %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype <> 'n' AND connamespace IN (SELECT oid FROM ours)
 UNION ALL
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
 UNION ALL
SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
 UNION ALL
SELECT 'type ' || oid::regtype FROM pg_type WHERE typtype IN ('e', 'd', 'r') AND typnamespace IN (SELECT oid FROM ours)
 UNION ALL
SELECT format('table %s is in file %s', oid::regclass, pg_relation_filenode(oid)) FROM relation WHERE relkind = 'r'
 ORDER BY 1`

// became expects these lines of objects to have gone (-) and come (+), and all
// others to be as they were: nothing temporary is left, and no table rewritten.
func (r *rig) became(before string, want ...string) {
	r.Helper()
	if got := strings.TrimSpace(lineDiff(before, r.objects())); got != strings.Join(want, "\n") {
		r.Errorf("what has changed:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}
