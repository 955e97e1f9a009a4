package runner

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// The helpers of the tests of batches.

// patience is how long anything may take before it counts as hung.
const patience = time.Minute

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

// ask is pgtest.QueryString.
func ask(t testing.TB, url, query string) string {
	t.Helper()
	return pgtest.QueryString(t, url, query)
}

// is wants a query's one row.
func is(t testing.TB, url, query, want string) {
	t.Helper()
	if got := ask(t, url, query); got != want {
		t.Errorf("%s: %s, not %s", query, got, want)
	}
}

// hearing keeps what a runner says.
type hearing struct {
	mu     sync.Mutex
	events []Event
	// on is called for each event before the runner goes on. It may be nil.
	on func(Event)
}

func (h *hearing) listen(c *Config) {
	c.Events = func(e Event) {
		h.mu.Lock()
		h.events = append(h.events, e)
		h.mu.Unlock()
		if h.on != nil {
			h.on(e)
		}
	}
}

// heard are the events of one kind.
func heard[E Event](h *hearing) (es []E) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if e, ok := e.(E); ok {
			es = append(es, e)
		}
	}
	return es
}

// session is another application's connection.
type other struct {
	t    testing.TB
	conn *sql.Conn
	pid  int
}

func join(t testing.TB, url string) *other {
	t.Helper()
	db, err := sql.Open("postgres", url+"&application_name=other")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	o := &other{t: t}
	if o.conn, err = db.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := o.conn.QueryRowContext(context.Background(), "SELECT pg_backend_pid()").Scan(&o.pid); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *other) do(statements string) {
	o.t.Helper()
	if _, err := o.conn.ExecContext(context.Background(), statements); err != nil {
		o.t.Fatalf("%v\nin: %s", err, statements)
	}
}

// blocks waits until a session waits for a lock of this one.
func (o *other) blocks(url string) {
	o.t.Helper()
	eventually(o.t, "somebody waits for the lock", func() bool {
		return ask(o.t, url, fmt.Sprintf("SELECT count(*) FROM pg_stat_activity WHERE %d = ANY (pg_blocking_pids(pid))", o.pid)) != "0"
	})
}

// running is an up in the background.
type running struct {
	t    testing.TB
	stop context.CancelFunc
	done chan error
}

func startUp(t testing.TB, url string, f pairs, change ...func(*Config)) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(testContext(t))
	r := &running{t: t, stop: cancel, done: make(chan error, 1)}
	runner := testRunner(t, url, load(t, f), change...)
	go func() {
		_, err := runner.Up(ctx, UpRequest{})
		r.done <- err
	}()
	return r
}

// result waits for the end.
func (r *running) result() error {
	r.t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(patience):
		r.t.Fatal("up does not end")
		return nil
	}
}

func (r *running) mustSucceed() {
	r.t.Helper()
	if err := r.result(); err != nil {
		r.t.Fatalf("up: %v", err)
	}
}

// still wants that it has not ended.
func (r *running) still() {
	r.t.Helper()
	select {
	case err := <-r.done:
		r.t.Fatalf("up has ended: %v", err)
	default:
	}
}

// logRow is a batch as the history has it.
type logRow struct {
	after, first, last store.Key
	keys, rows         int64
}

// logOf is the history of a version's only step.
func logOf(t testing.TB, url, version string) (upper store.Key, batches []logRow) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow("SELECT upper_key FROM rung.steps WHERE version = $1 AND step = 1", version).Scan((*pq.StringArray)(&upper))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT after_key, first_key, last_key, keys, rows FROM rung.batches WHERE version = $1 AND step = 1", version)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var b logRow
		if err := rows.Scan((*pq.StringArray)(&b.after), (*pq.StringArray)(&b.first), (*pq.StringArray)(&b.last), &b.keys, &b.rows); err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return upper, batches
}

// tilesOf wants that the batches of a version lie end to end from the start of
// the table to the upper end: no overlap and no hole. It returns them in order
// of the key.
func tilesOf(t testing.TB, url, version string) (inOrder []logRow) {
	t.Helper()
	upper, batches := logOf(t, url, version)
	by := map[string]logRow{}
	for _, b := range batches {
		by[b.after.Array()] = b
	}
	at := store.Key(nil)
	for range batches {
		b, ok := by[at.Array()]
		if !ok {
			t.Fatalf("no batch starts above %s; there are %s", at.Array(), logText(batches))
		}
		inOrder = append(inOrder, b)
		at = b.last
	}
	if !slices.Equal(at, upper) {
		t.Errorf("the batches end at %v, not at %v", at, upper)
	}
	return inOrder
}

// tiles is tilesOf for version 1.
func tiles(t testing.TB, url string) []logRow {
	t.Helper()
	return tilesOf(t, url, "1")
}

func logText(batches []logRow) string {
	var all []string
	for _, b := range batches {
		all = append(all, fmt.Sprintf("(%s, %s]", b.after.Array(), b.last.Array()))
	}
	return strings.Join(all, " ")
}

// everyOne wants that n is 1 in each row of t: every row was counted once.
func everyOne(t testing.TB, url string) {
	t.Helper()
	if wrong := pgtest.QueryStrings(t, url, "SELECT n, count(*) FROM t WHERE n IS DISTINCT FROM 1 GROUP BY n"); len(wrong) > 0 {
		t.Errorf("n|rows other than 1: %v", wrong)
	}
}

// numbered makes a table t (id, n) of so many rows, with n = 0.
func numbered(t testing.TB, url string, rows int) {
	t.Helper()
	pgtest.Exec(t, url, fmt.Sprintf(`CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
		INSERT INTO t SELECT generate_series(1, %d); ANALYZE t`, rows))
}

// counting is a file that adds 1 to each n, in batches with those options.
func counting(options string) pairs {
	return pairs{"1_count.up.sql": "-- rung:batch key=t.id " + options + "\nUPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n"}
}
