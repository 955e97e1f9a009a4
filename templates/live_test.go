package templates

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"sync"
	"testing"
)

// load is writers beside a migration: each statement is a transaction of its
// own, and none may fail.
type load struct {
	t    *testing.T
	stop context.CancelFunc
	done sync.WaitGroup
	mu   sync.Mutex
	ran  int
}

// startLoad runs statements by turns, at random, in so many sessions, until
// finish. Every $1 is a random number below most.
func startLoad(t *testing.T, url string, sessions, most int, statements ...string) *load {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	l := &load{t: t, stop: stop}
	for n := range sessions {
		l.done.Add(1)
		go func() {
			defer l.done.Done()
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for i := 0; i < 20_000 && ctx.Err() == nil; i++ {
				one := statements[random.IntN(len(statements))]
				if _, err := db.Exec(one, 1+random.IntN(most)); err != nil {
					t.Errorf("%s: %v", one, err)
					return
				}
				l.mu.Lock()
				l.ran++
				l.mu.Unlock()
			}
		}()
	}
	t.Cleanup(func() { stop(); l.done.Wait(); db.Close() })
	return l
}

// finish ends the load, which must have run.
func (l *load) finish() {
	l.t.Helper()
	l.stop()
	l.done.Wait()
	if l.ran < 20 {
		l.t.Errorf("the load ran %d statements only", l.ran)
	}
	l.t.Logf("%d statements", l.ran)
}
