package runner

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"rung/runner/internal/pgconn"
)

// attendant watches, over the lock's connection, that the lock is still held
// and who is in the way of the statement that runs. It costs nothing while
// messages are short.
type attendant struct {
	lock *lock
	emit func(Event)
	// onShards asks who blocks on the shards of a Citus cluster; nil without one.
	onShards *shardBlockers

	mu       sync.Mutex
	busy     time.Time   // when the message in flight was sent; zero: none
	pid      int         // the server process that runs it
	doing    func() task // what runs
	blockers []Blocker   // the last seen of this message
	said     time.Time   // when they were reported
	file     time.Time   // when the file that runs began
	alive    time.Time   // when the last sign of life was given
}

// begin says that a message goes out; end that it is over.
func (a *attendant) begin(doing func() task) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy, a.doing, a.blockers, a.said = time.Now(), doing, nil, time.Time{}
}

// begins notes that a file begins.
func (a *attendant) begins() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.file = time.Now()
}

func (a *attendant) end() []Blocker {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = time.Time{}
	return a.blockers
}

// passed says that what was waited for is done: who was in the way of one
// statement is not to blame for the next.
func (a *attendant) passed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.blockers = nil
}

// process notes which server process runs the message.
func (a *attendant) process(pid int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pid = pid
}

// attend looks every so often until ctx ends. It returns an error when the
// lock's connection is lost.
func (a *attendant) attend(ctx context.Context, every time.Duration) error {
	t := time.NewTicker(every)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if !a.waiting(every) && time.Since(last) < heartbeat && !a.lock.s.Readable() {
			continue
		}
		last = time.Now()
		if a.look() != nil || a.signOfLife() != nil {
			return errLockLost
		}
	}
}

// inFlight is what runs, and since when its file does. Ok is false between messages.
func (a *attendant) inFlight() (doing task, file, busy time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.busy.IsZero() || a.doing == nil {
		return task{}, time.Time{}, time.Time{}, false
	}
	return a.doing(), cmp.Or(a.file, a.busy), a.busy, true
}

// signOfLife tells what runs, once it has run for a while, and of the build of an
// index how far it is.
func (a *attendant) signOfLife() error {
	doing, file, busy, ok := a.inFlight()
	now := time.Now()
	if !ok || now.Sub(busy) < lifeEvery || now.Sub(a.alive) < lifeEvery {
		return nil
	}
	a.alive = now
	e := doing.working(now, file)
	if doing.buildsIndex() {
		ctx, cancel := context.WithTimeout(context.Background(), lookLimit)
		defer cancel()
		a.mu.Lock()
		pid := a.pid
		a.mu.Unlock()
		if err := a.lock.indexProgress(ctx, pid, doing.claim(e.FileTook), &e); err != nil {
			return err
		}
	}
	a.emit(e)
	return nil
}

// cancel ends the message in flight, where the driver cannot.
func (a *attendant) cancel() {
	a.mu.Lock()
	pid := a.pid
	a.mu.Unlock()
	a.lock.mu.Lock()
	defer a.lock.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), pgconn.CancelGrace)
	defer cancel()
	_ = a.lock.s.Exec(ctx, "SELECT pg_catalog.pg_cancel_backend("+strconv.Itoa(pid)+")") // else the connection is cut
}

// held reports whether the lock is still there, as far as that is known without
// asking the server.
func (a *attendant) held() bool { return !a.lock.s.Readable() || a.look() == nil }

// waiting reports whether a message has been in flight long enough to ask.
func (a *attendant) waiting(d time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.busy.IsZero() && time.Since(a.busy) >= d
}

// look asks once, under a limit of its own: a question cut short in its
// middle would take the lock's connection down.
func (a *attendant) look() error {
	ctx, cancel := context.WithTimeout(context.Background(), lookLimit)
	defer cancel()
	a.mu.Lock()
	pid, busy := a.pid, a.busy
	a.mu.Unlock()
	bs, err := a.lock.blockers(ctx, pid, a.claim())
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
	say := time.Since(a.said) >= sayAgain
	if say {
		a.said = time.Now()
	}
	doing := a.doing
	a.mu.Unlock()
	if say {
		b := doing().blocked()
		b.Blockers, b.Dead = bs, a.forDead(b.Part, bs)
		a.emit(b)
	}
	return nil
}

// claim says to others what runs, in front of a question over the lock's session.
func (a *attendant) claim() string {
	doing, file, _, ok := a.inFlight()
	if !ok {
		return ""
	}
	return doing.claim(time.Since(file))
}

// forDead reports whether the history is waited for, and only runners' sessions are
// in the way. They have not the lock, which is held here, so whoever started
// them is dead or has lost it.
func (a *attendant) forDead(part string, bs []Blocker) bool {
	own := a.lock.b.Start.Application()
	return part == InHistory && len(bs) > 0 && !slices.ContainsFunc(bs, func(b Blocker) bool { return b.Application != own })
}
