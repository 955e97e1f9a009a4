package fleet

import (
	"context"
	"sync"
	"sync/atomic"
)

// Options say how a fleet is worked on. The zero value of every field is safe.
type Options struct {
	// Parallel is how many targets of one server are worked on at a time.
	// Defaults to 4.
	Parallel int
	// Canary is how many targets go first, alone: where one of them fails, no
	// other is begun. Defaults to none.
	Canary int
	// MaxFailures is after how many failures no other target is begun. Defaults
	// to never.
	MaxFailures int
}

// mostAtOnce bounds what is worked on over all servers together, so that memory
// and connections do not grow with their number.
const mostAtOnce = 64

// Task is one target in hand.
type Task struct {
	// Index is the target's place in the list.
	Index   int
	Target  Target
	changed atomic.Bool
	begun   func() bool
}

// Begun says that the target is being changed: from now on the end of the run's
// context no longer ends the target's.
func (t *Task) Begun() {
	t.changed.Store(true)
	t.begun()
}

// HasBegun reports whether Begun was called.
func (t *Task) HasBegun() bool { return t.changed.Load() }

// Run calls do for each target, several at a time, and returns which of them it
// called it for. Do reports whether the target failed. When ctx ends, no further
// target is begun, and the context of those that are not Begun ends too.
func Run(ctx context.Context, targets []Target, o Options, do func(ctx context.Context, t *Task) (failed bool)) (called []bool) {
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	called = make([]bool, len(targets))
	canaries := min(o.Canary, len(targets))
	q := &queue{targets: targets, called: called, o: o, busy: map[string]int{}}
	q.changed = sync.NewCond(&q.mu)
	if canaries > 0 {
		q.until = canaries
		q.work(ctx, do)
		if q.failures > 0 {
			return called
		}
	}
	q.until = len(targets)
	q.work(ctx, do)
	return called
}

// queue hands out targets in their order, save that a server that is busy lets
// others go first.
type queue struct {
	targets []Target
	o       Options

	mu       sync.Mutex
	changed  *sync.Cond
	called   []bool
	until    int            // targets from here on are not for now
	from     int            // all before are handed out
	busy     map[string]int // by server, how many are in hand
	failures int
}

func (q *queue) work(ctx context.Context, do func(context.Context, *Task) bool) {
	defer context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.changed.Broadcast()
	})()
	var all sync.WaitGroup
	for range min(q.until, max(mostAtOnce, q.o.Parallel)) {
		all.Go(func() {
			for i := q.take(ctx); i >= 0; i = q.take(ctx) {
				q.done(i, one(ctx, &Task{Index: i, Target: q.targets[i]}, do))
			}
		})
	}
	all.Wait()
}

// one works on one target.
func one(ctx context.Context, t *Task, do func(context.Context, *Task) bool) (failed bool) {
	own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	t.begun = context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer t.begun()
	return do(own, t)
}

// take waits for a target that may be begun, and is below 0 where there is none left.
func (q *queue) take(ctx context.Context) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if ctx.Err() != nil || q.o.MaxFailures > 0 && q.failures >= q.o.MaxFailures {
			return -1
		}
		for q.from < q.until && q.called[q.from] {
			q.from++
		}
		if q.from == q.until {
			return -1
		}
		for i := q.from; i < q.until; i++ {
			if s := q.targets[i].server(); !q.called[i] && q.busy[s] < q.o.Parallel {
				q.called[i] = true
				q.busy[s]++
				return i
			}
		}
		q.changed.Wait()
	}
}

func (q *queue) done(i int, failed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy[q.targets[i].server()]--
	if failed {
		q.failures++
	}
	q.changed.Broadcast()
}
