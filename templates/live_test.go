package templates

import (
	"context"
	"database/sql"
	"flag"
	rand "math/rand/v2"
	"sync"
	"testing"
)

// What the bound of watch_test.go catches depends on it: of a million rows a plain
// CREATE INDEX held its lock for 808 ms here, and a SET NOT NULL that has to scan
// for 170 ms. The default is for every day; a rewrite shows at any size.
var liveRows = flag.Int("live-rows", 100_000, "rows of the tables of the live tests")

// load is writers beside a migration: each statement is a transaction of its
// own, and none may fail.
type load struct {
	t    *testing.T
	stop context.CancelFunc
	done sync.WaitGroup
	mu   sync.Mutex
	ran  int
}

// startLoad runs statements by turns, at random, in four sessions, until
// finish. Every $1 is a random number up to most.
func startLoad(t *testing.T, url string, most int, statements ...string) *load {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	l := &load{t: t, stop: stop}
	for n := range 4 {
		l.done.Add(1)
		go func() {
			defer l.done.Done()
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for ctx.Err() == nil {
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
