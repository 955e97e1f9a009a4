package lock

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Monitor watches, over the lock's connection, that the lock is still held
// and who blocks the statement that runs. It costs nothing while
// messages are short.
type Monitor struct {
	lock *Lock
	says Listener
	// onShards asks who blocks on the shards of a Citus cluster; nil without one.
	onShards *Shards

	mu       sync.Mutex
	busy     time.Time   // when the message in flight was sent; zero: none
	pid      int         // the server process that runs it
	doing    func() Task // what runs
	blockers []Blocker   // the last seen of this message
	said     time.Time   // when they were reported
	file     time.Time   // when the file that runs began
	alive    time.Time   // when the last sign of life was given
}

// Listener is told of what takes long.
type Listener interface {
	// Blocked: these sessions block what waits. Dead is true where they are
	// those of runners which died, or lost their lock.
	Blocked(waits Task, by []Blocker, dead bool)
	Working(Life)
}

// Life is a sign of life.
type Life struct {
	Task
	Took, FileTook time.Duration
	Phase          Phase // of an index
}

// Phase is what the server is at with an index, in its own words, and how much of that
// is done; the zero value where it builds none.
type Phase struct {
	Name        string
	Done, Total int64
}

const (
	heartbeat = 2 * time.Second
	// LifeEvery is how often a statement that takes long gives a sign of life.
	LifeEvery = time.Second
)

// NewMonitor watches over the lock for the session whose server process that is. A
// lock that is nil has nobody to ask, for what runs nothing.
func NewMonitor(l *Lock, says Listener, pid int, shards *Shards) *Monitor {
	return &Monitor{lock: l, says: says, pid: pid, onShards: shards}
}

// Beside is the monitor of a session that works beside this one, under the same lock.
func (a *Monitor) Beside() *Monitor { return &Monitor{lock: a.lock, says: a.says} }

// Close ends what was opened to ask.
func (a *Monitor) Close() { a.onShards.close() }

// WaitersFor reports whether somebody waits for a lock on a table, or on one of
// its partitions or children.
func (a *Monitor) WaitersFor(table string) (bool, error) {
	return a.lock.waitersFor(table, a.claim())
}

// Begin says that a message goes out.
func (a *Monitor) Begin(doing func() Task) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy, a.doing, a.blockers, a.said = time.Now(), doing, nil, time.Time{}
}

// Begins notes that a file begins.
func (a *Monitor) Begins() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.file = time.Now()
}

// End says that it is over, and returns who blocked it, as last seen.
func (a *Monitor) End() []Blocker {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = time.Time{}
	return a.blockers
}

// Passed says that what was waited for is done: who blocked one
// statement is not to blame for the next.
func (a *Monitor) Passed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.blockers = nil
}

// Process notes which server process runs the message.
func (a *Monitor) Process(pid int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pid = pid
}

// Attend looks every so often until ctx ends. It returns an error when the
// lock's connection is lost.
func (a *Monitor) Attend(ctx context.Context, every time.Duration) error {
	t := time.NewTicker(every)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if !a.waiting(every) && time.Since(last) < heartbeat && !a.lock.Session.Readable() {
			continue
		}
		last = time.Now()
		if a.Look() != nil || a.signOfLife() != nil {
			return ErrLost
		}
	}
}

// inFlight is what runs, and since when its file does. Ok is false between messages.
func (a *Monitor) inFlight() (doing Task, file, busy time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.busy.IsZero() || a.doing == nil {
		return Task{}, time.Time{}, time.Time{}, false
	}
	return a.doing(), cmp.Or(a.file, a.busy), a.busy, true
}

// signOfLife tells what runs, once it has run for a while, and of the build of an
// index how far it is.
func (a *Monitor) signOfLife() error {
	doing, file, busy, ok := a.inFlight()
	now := time.Now()
	if !ok || now.Sub(busy) < LifeEvery || now.Sub(a.alive) < LifeEvery {
		return nil
	}
	a.alive = now
	e := Life{Task: doing, Took: now.Sub(doing.Since), FileTook: now.Sub(file)}
	if doing.buildsIndex() {
		ctx, cancel := context.WithTimeout(context.Background(), LookLimit)
		defer cancel()
		a.mu.Lock()
		pid := a.pid
		a.mu.Unlock()
		var err error
		if e.Phase, err = a.lock.IndexProgress(ctx, pid, doing.claim(e.FileTook)); err != nil {
			return err
		}
	}
	a.says.Working(e)
	return nil
}

// Cancel ends the message in flight, where the driver cannot.
func (a *Monitor) Cancel() {
	a.mu.Lock()
	pid := a.pid
	a.mu.Unlock()
	a.lock.mu.Lock()
	defer a.lock.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), pgconn.CancelGrace)
	defer cancel()
	_ = a.lock.Session.Exec(ctx, a.lock.book.SQL("cancel", store.Values{"pid": pid})) // else the connection is cut
}

// Held reports whether the lock is still there, as far as that is known without
// asking the server.
func (a *Monitor) Held() bool { return !a.lock.Session.Readable() || a.Look() == nil }

// waiting reports whether a message has been in flight long enough to ask.
func (a *Monitor) waiting(d time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.busy.IsZero() && time.Since(a.busy) >= d
}

// Look asks once, under a limit of its own: a question cut short in its
// middle would take the lock's connection down.
func (a *Monitor) Look() error {
	ctx, cancel := context.WithTimeout(context.Background(), LookLimit)
	defer cancel()
	a.mu.Lock()
	pid, busy := a.pid, a.busy
	a.mu.Unlock()
	bs, err := a.lock.Blockers(ctx, pid, a.claim())
	if err == nil && len(bs) == 0 && !busy.IsZero() {
		bs = a.onShards.of(ctx, pid)
	}
	if err != nil || len(bs) == 0 {
		return err
	}
	a.mu.Lock()
	if a.busy != busy || busy.IsZero() {
		a.mu.Unlock()
		return nil
	}
	a.blockers = bs
	say := time.Since(a.said) >= pgconn.SayAgain
	if say {
		a.said = time.Now()
	}
	doing := a.doing
	a.mu.Unlock()
	if say {
		waits := doing()
		a.says.Blocked(waits, bs, a.ForDead(waits.Part(), bs))
	}
	return nil
}

// claim says to others what runs, in front of a question over the lock's session.
func (a *Monitor) claim() string {
	doing, file, _, ok := a.inFlight()
	if !ok {
		return ""
	}
	return doing.claim(time.Since(file))
}

// ForDead reports whether the history is waited for, and only runners' sessions
// block it. They have not the lock, which is held here, so whoever started
// them is dead or has lost it.
func (a *Monitor) ForDead(part string, bs []Blocker) bool {
	own := a.lock.book.Start.Application()
	return part == InHistory && len(bs) > 0 && !slices.ContainsFunc(bs, func(b Blocker) bool { return b.Application != own })
}
