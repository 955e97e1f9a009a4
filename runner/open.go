package runner

import (
	"context"
	"errors"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// opening is a new session and what the history says there, or why there is none.
type opening struct {
	s   *pgconn.Session
	rec *plan.Record
	err error
}

// open connects and reads the history, and loads the directory meanwhile where
// that is still to be done. What is wrong with the directory comes first. The
// worker is there too beside a *HistoryError. Crowded is how long a server with no
// connection to spare is asked again.
func (r *Runner) open(ctx context.Context, check func(*files.Directory) error, crowded time.Duration, as reading) (*worker, error) {
	beside, cancel := context.WithCancel(ctx)
	defer cancel()
	looked := make(chan opening, 1)
	go func() { looked <- r.look(beside, r.connectOnce, as) }()
	err := r.load()
	if err == nil && check != nil {
		err = check(r.cfg.Dir)
	}
	if err != nil {
		cancel()
		(<-looked).close()
		return nil, err
	}
	o := <-looked
	if r.cfg.Wait > 0 && pgconn.WorthWaiting(o.err) {
		// Only now: nobody hears of the waiting before the directory is right.
		o.close()
		o = r.look(ctx, r.connect, as)
	}
	if pgconn.IsCrowded(o.err) {
		o.close()
		o = r.look(ctx, func(ctx context.Context) (*pgconn.Session, error) { return r.connectCrowded(ctx, crowded, politely()) }, as)
	}
	w := r.worker(o.s, r.historyOf(o.rec))
	var damage *store.HistoryError
	switch {
	case errors.As(o.err, &damage):
		return w, o.err // which some commands can fix
	case o.err != nil:
		o.close()
		return nil, pgconn.LostIs(o.err)
	}
	w.session.Cluster, err = exec.LookAtCluster(ctx, o.s, w.history.Book)
	return w, err
}

// worker works on a session that was opened, whose history was read.
func (r *Runner) worker(s *pgconn.Session, h *store.History) *worker {
	x := &exec.Session{
		Conn: s, History: h, Limits: exec.Limits{Lock: r.cfg.LockTimeout, Statement: r.cfg.StatementTimeout}, Says: asEvents{r.emit},
	}
	w := &worker{Runner: r, session: x, history: h, report: &Report{}}
	w.outcomes = &outcomes{session: x, dir: r.cfg.Dir, report: w.report, wait: r.cfg.Wait, emit: r.emit, connect: func(ctx context.Context) (*pgconn.Session, error) {
		return pgconn.ConnectWaiting(ctx, r.target(), exec.SettleLimit, r.waiting)
	}}
	w.applier = &applier{
		session: x, history: h, dir: r.cfg.Dir, report: w.report, outcomes: w.outcomes, emit: r.emit, lockWait: r.cfg.LockWait, lockRetries: r.cfg.LockRetries,
		batches: backfill.Config{Session: x, Conn: r.target(), Retries: r.cfg.LockRetries, Options: r.cfg.Batch.over, Says: asEvents{r.emit}},
	}
	return w
}

// historyOf is what the tables say, and what the run writes to them.
func (r *Runner) historyOf(rec *plan.Record) *store.History {
	o := r.cfg.Origin
	return &store.History{
		Book: r.book, Rec: rec, Run: r.run, RungVersion: r.cfg.Version,
		Origin: store.Origin{OSUser: o.OSUser, Host: o.Host, Job: o.Job, Note: r.cfg.Note},
	}
}

// target is where the sessions are opened.
func (r *Runner) target() pgconn.Target {
	return pgconn.Target{Config: r.cfg.Conn, Connector: r.cfg.Connector}
}

// connectOnce opens a session, or says why not.
func (r *Runner) connectOnce(ctx context.Context) (*pgconn.Session, error) {
	if s := r.cfg.Sessions.take(); s != nil {
		return s, nil
	}
	return pgconn.Connect(ctx, r.target())
}

// connect opens a session, within the time that Config.Wait says.
func (r *Runner) connect(ctx context.Context) (*pgconn.Session, error) {
	if s := r.cfg.Sessions.take(); s != nil {
		return s, nil
	}
	return pgconn.ConnectWaiting(ctx, r.target(), r.cfg.Wait, r.waiting)
}

// waiting says that the server is waited for.
func (r *Runner) waiting(err error, left time.Duration) {
	r.emit(WaitingForServer{Err: err, Left: left})
}

func (r *Runner) look(ctx context.Context, connect func(context.Context) (*pgconn.Session, error), as reading) (o opening) {
	if o.s, o.err = connect(ctx); o.err != nil {
		return o
	}
	if as.others {
		o.rec = r.cfg.Sessions.known().take(r.cfg.Scope)
	}
	if o.rec == nil {
		o.rec, o.err = r.readRecord(ctx, o.s, as.gate)
	}
	return o
}

// reading is how the history is read: how closely its tables are looked at, and whether
// what another scope has may stand for this one's (scopesKnown).
type reading struct {
	gate   store.Gate
	others bool
}

// readRecord reads the history.
func (r *Runner) readRecord(ctx context.Context, s *pgconn.Session, as store.Gate) (*plan.Record, error) {
	rec, err := r.book.ReadRecord(ctx, s, as)
	if err == nil {
		r.cfg.Sessions.known().wasRead(r.cfg.Scope, rec, as)
	}
	return rec, err
}

func (o opening) close() {
	if o.s != nil {
		o.s.Close()
	}
}

// connectCrowded opens a session, and tries again for a while where the server
// has no connection to spare: other runners that wait come and go.
func (r *Runner) connectCrowded(ctx context.Context, limit time.Duration, again *pgconn.Backoff) (*pgconn.Session, error) {
	for start, said := time.Now(), time.Now(); ; {
		s, err := r.connect(ctx)
		if !pgconn.IsCrowded(err) || time.Since(start) >= limit {
			return s, err
		}
		if time.Since(said) >= pgconn.SayAgain {
			said = time.Now()
			r.emit(WaitingForServer{Err: err, Left: limit - time.Since(start)})
		}
		if err := again.Sleep(ctx); err != nil {
			return nil, err
		}
	}
}

// politely is how a runner that only waits asks a full server for a connection,
// and firmly how the one asks that has the lock: the others wait for it, so it
// must get the next connection that one of them gives back.
func politely() *pgconn.Backoff { return pgconn.NewBackoff(200*time.Millisecond, 2*time.Second) }

func firmly() *pgconn.Backoff { return pgconn.NewBackoff(20*time.Millisecond, 50*time.Millisecond) }

// secondLimit is how long the worker's connection, or the first answer over it,
// may take beside the one that holds the lock. It is only ever long where a pool
// or a role gives one connection, or others have all.
var secondLimit = 8 * time.Second

// read connects, reads the history and asks nothing more of the database than f does.
func (r *Runner) read(ctx context.Context, f func(ctx context.Context, w *worker) error) (err error) {
	w, err := r.open(ctx, nil, secondLimit, reading{gate: r.cfg.Sessions.known().gate()})
	if w != nil {
		defer func() { w.giveBack(err) }()
	}
	if err != nil {
		return notBegun(ctx, err)
	}
	return notBegun(ctx, f(ctx, w))
}

// giveBack gives the worker's connection back. After an error something may be open
// on it, or set.
func (w *worker) giveBack(err error) {
	if err != nil {
		w.session.Conn.Close()
		return
	}
	w.cfg.Sessions.put(w.session.Conn)
}
