package runner

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// holdLock takes the lock as a runner does.
func holdLock(t *testing.T, url string) *lock.Lock {
	t.Helper()
	w, err := testRunner(t, url, nil).open(testContext(t), nil, 0, reading{gate: store.Whole})
	must(t, err)
	l, err := w.acquire(testContext(t), job{})
	must(t, err)
	return l
}

// askAllTheTime takes the lock and asks over its connection for blockers,
// without a pause, until the test ends.
func askAllTheTime(t *testing.T, url string) {
	t.Helper()
	l := holdLock(t, url)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for ctx.Err() == nil {
			if _, err := l.Blockers(context.Background(), 1, ""); err != nil {
				t.Error(err)
				return
			}
			if _, err := l.IndexProgress(context.Background(), 1, ""); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	t.Cleanup(func() { stop(); <-stopped; l.Release() })
}

// CREATE INDEX CONCURRENTLY waits for the end of every transaction that has a
// snapshot at the moment when it looks. The lock's transaction has one while it
// asks a question; so were it to live on after that, CREATE INDEX CONCURRENTLY
// would wait for the whole run, its own run too, and no deadlock would show.
func TestConcurrentIndexDoesNotWaitForTheLockThatAsks(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int)")
	askAllTheTime(t, url)
	for i := range 20 {
		pgtest.Exec(t, url+"&options=-clock_timeout%3D30s", fmt.Sprintf("CREATE INDEX CONCURRENTLY i%d ON t (id)", i))
	}
}

func TestLockIsHeldWhileItAsks(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	before := time.Now().Add(-2 * time.Second)
	askAllTheTime(t, url)
	r := testRunner(t, url, nil, func(c *Config) { c.LockWait = -1 })
	other, err := pgconn.Connect(t.Context(), r.target())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var since time.Time
	for range 300 {
		got, err := lock.New(other, r.book, nil).Try(t.Context())
		if err != nil || got {
			t.Fatalf("somebody else got the lock: %t, %v", got, err)
		}
		h, err := lock.HolderOf(t.Context(), other, r.book)
		if err != nil || h.PID == 0 || h.Since == nil {
			t.Fatalf("the holder is not known: %+v, %v", h, err)
		}
		if since.IsZero() {
			since = *h.Since
		}
		if !h.Since.Equal(since) || since.Before(before) || since.After(time.Now()) {
			t.Fatalf("held since %s, and before that since %s", h.Since, since)
		}
	}
}
