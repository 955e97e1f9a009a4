package runner

import (
	"context"
	"time"

	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
)

// acquire polls for the lock until it has it, LockWait is over, or the plan finds
// nothing left to do: then there is no lock. It asks over the worker's session,
// which becomes the lock's, and gives it back between two questions: so any number
// of runners can wait on a server that has few connections.
func (w *worker) acquire(ctx context.Context, j job) (*lock.Lock, error) {
	start, said := time.Now(), time.Time{}
	for b := pgconn.NewBackoff(100*time.Millisecond, 2*time.Second); ; {
		l := lock.New(w.session.Conn, w.history.Book, w.cfg.Sessions.put)
		got, err := l.Try(ctx)
		if err != nil || got {
			return l, pgconn.LostIs(err)
		}
		holder, err := lock.HolderOf(ctx, w.session.Conn, w.history.Book)
		if err != nil {
			return nil, pgconn.LostIs(err)
		}
		waited := time.Since(start)
		if waited >= w.cfg.LockWait {
			return nil, &LockTimeoutError{Holder: holder.String()}
		}
		if time.Since(said) >= pgconn.SayAgain {
			said = time.Now()
			w.emit(WaitingForLock{Holder: holder, Waited: waited, Backfill: w.backfills().first(ctx)})
		}
		w.session.Conn.Close()
		if err := b.Sleep(ctx); err != nil {
			return nil, err
		}
		if work, err := w.comeBack(ctx, j); err != nil || !work {
			return nil, err
		}
	}
}

// comeBack opens a waiter's session again and asks the history whether there is
// still something to do. A job without a plan always has.
func (w *worker) comeBack(ctx context.Context, j job) (work bool, err error) {
	s, err := w.connectCrowded(ctx, w.cfg.LockWait, politely())
	if err != nil {
		return false, err
	}
	w.session.Conn = s
	if j.plan == nil {
		return true, nil
	}
	return w.planAgain(ctx, j, w.cfg.Sessions.known().gate())
}

// secondSession opens the session that works, beside the one that holds the lock.
func (w *worker) secondSession(ctx context.Context) error {
	s, err := w.connectCrowded(ctx, secondLimit, firmly())
	if pgconn.IsCrowded(err) {
		return &files.HintedError{Err: err, Hint: twoConnections}
	}
	if err == nil {
		w.session.Conn = s
	}
	return err
}

const twoConnections = "rung needs two connections, one that works and one that holds the migration lock: raise the limit of the pool, the role or the server, or connect directly to the server"
