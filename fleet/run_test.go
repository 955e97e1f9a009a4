package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/lib/pq"
)

func named(servers ...string) (targets []Target) {
	for i, s := range servers {
		targets = append(targets, Target{Name: fmt.Sprintf("t%d", i), Conn: pq.Config{Host: s, Port: 5432}})
	}
	return targets
}

func numberOf(called []bool) (n int) {
	for _, c := range called {
		if c {
			n++
		}
	}
	return n
}

// TestRunPerServer: all that may run at a time do, and no more of one server.
func TestRunPerServer(t *testing.T) {
	var mu sync.Mutex
	busy, most, waiting := map[string]int{}, map[string]int{}, 0
	open := make(chan struct{})
	called := Run(t.Context(), named("a", "a", "a", "a", "a", "b", "b", "b"), Options{Parallel: 2}, func(_ context.Context, task *Task) bool {
		s := task.Target.server()
		mu.Lock()
		busy[s]++
		most[s] = max(most[s], busy[s])
		if waiting++; waiting == 4 { // two of each, although b's come last
			close(open)
		}
		mu.Unlock()
		<-open
		mu.Lock()
		busy[s]--
		mu.Unlock()
		return false
	})
	if numberOf(called) != 8 || most["a:5432"] != 2 || most["b:5432"] != 2 {
		t.Errorf("called %v, at most %v at a time", called, most)
	}
}

func TestRunFailures(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		fail map[int]bool
		want int
	}{
		{"to the end", Options{Parallel: 1}, map[int]bool{0: true, 1: true}, 6},
		{"after so many", Options{Parallel: 1, MaxFailures: 2}, map[int]bool{0: true, 2: true}, 3},
		{"canaries fail", Options{Parallel: 1, Canary: 3}, map[int]bool{0: true}, 3},
		{"canaries are well", Options{Parallel: 1, Canary: 3}, map[int]bool{4: true}, 6},
		{"more canaries than targets", Options{Parallel: 1, Canary: 30}, nil, 6},
	} {
		called := Run(t.Context(), named("a", "a", "a", "a", "a", "a"), c.o, func(_ context.Context, task *Task) bool { return c.fail[task.Index] })
		if numberOf(called) != c.want {
			t.Errorf("%s: called %v", c.name, called)
		}
	}
}

// TestRunEnds: what has begun is let finish, what has not is ended, and nothing
// else is called.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	var both sync.WaitGroup
	both.Add(2)
	called := Run(ctx, named("a", "a", "a", "a"), Options{Parallel: 2}, func(own context.Context, task *Task) bool {
		if task.Index == 0 {
			task.Begun()
			both.Done()
			both.Wait()
			cancel(why)
			if own.Err() != nil {
				t.Error("the context of what has begun has ended")
			}
			return false
		}
		both.Done()
		<-own.Done()
		if !errors.Is(context.Cause(own), why) {
			t.Errorf("ended by %v", context.Cause(own))
		}
		return true
	})
	if numberOf(called) != 2 {
		t.Errorf("called %v", called)
	}
}
