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
	q := newQueue(targets, called, o)
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
	until    int // targets from here on are not for now
	servers  map[string]*server
	failures int
}

// server is what a server has to do: thousands of targets may be on it, so they are
// not looked through for the next one.
type server struct {
	rest []int // its targets that are not handed out, in their order
	busy int   // how many are in hand
}

func newQueue(targets []Target, called []bool, o Options) *queue {
	q := &queue{targets: targets, called: called, o: o, servers: map[string]*server{}}
	q.changed = sync.NewCond(&q.mu)
	for i, t := range targets {
		name := t.server()
		if q.servers[name] == nil {
			q.servers[name] = &server{}
		}
		q.servers[name].rest = append(q.servers[name].rest, i)
	}
	return q
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
		free, left := q.first()
		switch {
		case !left || ctx.Err() != nil || q.o.MaxFailures > 0 && q.failures >= q.o.MaxFailures:
			q.changed.Broadcast() // nor is there one for the others
			return -1
		case free != nil:
			i := free.rest[0]
			free.rest = free.rest[1:]
			free.busy++
			q.called[i] = true
			return i
		}
		q.changed.Wait()
	}
}

// first is the server of the first target that may be begun now, or nil. Left is false
// where all are handed out.
func (q *queue) first() (free *server, left bool) {
	for _, s := range q.servers {
		if len(s.rest) == 0 || s.rest[0] >= q.until {
			continue
		}
		left = true
		if s.busy < q.o.Parallel && (free == nil || s.rest[0] < free.rest[0]) {
			free = s
		}
	}
	return free, left
}

func (q *queue) done(i int, failed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.servers[q.targets[i].server()].busy--
	if failed {
		q.failures++
	}
	q.changed.Signal() // one target may be begun
}
