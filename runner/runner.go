package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"sync"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgurl"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Config is what a Runner works with. The zero value of every field is safe.
type Config struct {
	// URL is the database: a postgres:// URL, or key=value pairs. Defaults to Conn.
	URL string
	// Conn is the same for a program that has it in parts. Defaults to what the PG*
	// variables of the environment say, as for psql.
	Conn pq.Config
	// Files are the migrations: a directory on disk (os.DirFS), in the binary
	// (embed.FS) or in memory. Defaults to Dir.
	Files fs.FS
	// Dir is a directory that was read before, as by LoadAll, which takes several.
	// It may be nil for what needs none.
	Dir *Directory
	// Load reads the directory instead of Dir, once, while rung connects.
	// Defaults to reading Files.
	Load func() (*Directory, error)
	// HistorySchema holds the history. Defaults to "rung".
	HistorySchema string
	// Role is taken on for all work, by SET LOCAL ROLE. Defaults to none.
	Role string
	// LockTimeout is the longest that a statement waits for a table lock.
	// Defaults to 5 s; negative means no limit.
	LockTimeout time.Duration
	// LockRetries is how often an attempt is made again after a lock timeout or a deadlock.
	// Defaults to 10; negative means never.
	LockRetries int
	// LockWait is how long to wait for the migration lock, and for what a runner
	// that died has left running. Defaults to 15 min; negative means not at all.
	LockWait time.Duration
	// StatementTimeout is the longest that a statement may run. Defaults to
	// what the server says; negative means no limit.
	StatementTimeout time.Duration
	// Wait is how long to wait for a server that is not up. Defaults to not at all.
	Wait time.Duration
	// Batch overrides the options of every `-- rung:batch`. Defaults to none.
	Batch *BatchOverride
	// Run names the run in the history: twelve characters, as NewRun makes them.
	// Defaults to a name of its own.
	Run string
	// Version is rung's own, for the history. Defaults to "unknown".
	Version string
	// Origin is where the run was started, for the log. Defaults to unknown.
	Origin Origin
	// Note is kept with what the log says of the run. Defaults to none.
	Note string
	// Events hears what happens. It is called from several goroutines, one at
	// a time. Defaults to nobody.
	Events func(Event)
}

// Runner applies and reverts migrations on one database.
type Runner struct {
	cfg  Config
	book store.Book
	run  string // names this run in the history and in marks
	load func() error

	mu sync.Mutex // one event at a time
}

// New fills in the defaults. It does not connect.
func New(cfg Config) (*Runner, error) {
	defaults := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
		*d = max(*d, 0)
	}
	defaults(&cfg.LockTimeout, 5*time.Second)
	defaults(&cfg.LockWait, 15*time.Minute)
	if cfg.LockRetries == 0 {
		cfg.LockRetries = 10
	}
	if cfg.HistorySchema == "" {
		cfg.HistorySchema = "rung"
	}
	if len(cfg.HistorySchema) > 63 {
		return nil, &Refusal{Reason: fmt.Sprintf("history schema %q is longer than PostgreSQL's 63 bytes", cfg.HistorySchema)}
	}
	if cfg.Version == "" {
		cfg.Version = "unknown"
	}
	if cfg.Dir == nil {
		cfg.Dir = &Directory{}
	}
	if cfg.Files != nil && cfg.Load == nil {
		cfg.Load = func() (*Directory, error) { return Load(cfg.Files, "migrations") }
	}
	if cfg.URL != "" || reflect.ValueOf(cfg.Conn).IsZero() {
		var err error
		if cfg.Conn, err = pgurl.Parse(cfg.URL, pgurl.Environment()); err != nil {
			return nil, err
		}
	}
	if cfg.Conn.ConnectTimeout == 0 {
		// The driver does not heed a context while the server says nothing.
		cfg.Conn.ConnectTimeout = 10 * time.Second
	}
	if cfg.Conn.ApplicationName == "" {
		cfg.Conn.ApplicationName = "rung"
	}
	if cfg.Run == "" {
		cfg.Run = NewRun()
	}
	r := &Runner{cfg: cfg, book: store.Book{Schema: cfg.HistorySchema, Role: cfg.Role, Start: pgconn.AskedBy(cfg.Conn)}, run: cfg.Run}
	r.load = sync.OnceValue(r.loadDirectory)
	return r, nil
}

func (r *Runner) loadDirectory() (err error) {
	if r.cfg.Load != nil {
		r.cfg.Dir, err = r.cfg.Load()
	}
	return err
}

func (r *Runner) emit(e Event) {
	if r.cfg.Events == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg.Events(e)
}

// Report is how far a run got. It is returned beside an error too.
type Report struct {
	// Run is the run's name in the history.
	Run string
	// At is the newest version that is in place behind it, wholly or in part; nil
	// for none, and where it is not known.
	At *Version
	// Plan is what was to be done.
	Plan *Plan
	// Done is what was finished, in order.
	Done []Done
	// Lost is what was done, and is not in the history of the server that answered
	// after the connection was lost.
	Lost []Done
	// Accepted is what baseline or repair wrote down.
	Accepted []Accepted
	// Restored is true where the history tables were given back what they lacked.
	Restored bool
}

// job is one piece of work on the history. Check, which may be nil, looks at the
// directory alone. Plan decides from the history, without a lock at first and
// again under it, whether there is something to do; Do does it.
type job struct {
	// fixes is true where the history tables may lack what can be made again.
	fixes bool
	check func(d *Directory) error
	plan  func(ctx context.Context, w *worker) (work bool, err error)
	do    func(ctx context.Context, w *worker) error
}

// work connects, reads the history, and with something to do takes the lock and
// does it. With nothing to do no lock is taken and nothing is created.
func (r *Runner) work(ctx context.Context, j job) (*Report, error) {
	w, err := r.open(ctx, j.check, r.cfg.LockWait, store.AtGlance)
	var damage *HistoryError
	if w != nil && j.fixes && errors.As(err, &damage) && damage.Fixable {
		err = w.restore(ctx)
	}
	if w != nil {
		defer func() { w.s.Close() }()
	}
	if err != nil {
		return &Report{}, notBegun(ctx, err)
	}
	start := time.Now()
	w.emit(RunStarted{Run: r.run, Server: w.s.Server, Database: r.cfg.Conn.Database, User: r.cfg.Conn.User})
	err = w.finishJob(ctx, j)
	w.report.Run, w.report.At = r.run, w.newest()
	w.emit(RunFinished{Run: r.run, Done: len(w.report.Done), Took: time.Since(start), Err: err})
	return w.report, err
}

// mostMoves is how often a run plans anew: each time the history has moved on,
// unless somebody plays tricks.
const mostMoves = 5

// planMoved reports whether an error asks for another plan: nothing of this one is
// in place, or what it was asked for would be done more than once.
func (w *worker) planMoved(err error) bool {
	var stale *stalePlanError
	return errors.As(err, &stale) && len(w.report.Done) == 0
}

// finishJob does a job, and again from the history where another session has moved it
// or somebody pauses it.
func (w *worker) finishJob(ctx context.Context, j job) error {
	for moved := 0; ; {
		err := w.once(ctx, j)
		var paused *PausedError
		switch {
		case errors.As(err, &paused):
			if err := w.awaitResume(ctx, paused); err != nil {
				return err
			}
		case w.planMoved(err) && moved < mostMoves:
			moved++
		default:
			return err
		}
		if err := w.readAgain(ctx); err != nil {
			return notBegun(ctx, err)
		}
	}
}

// notBegun is the error of what comes before any work: where the context has
// ended, that is why, whatever the connection says.
func notBegun(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case err == nil || cause == nil:
		return err
	case errors.Is(cause, errLockLost):
		return withoutLock(cause)
	}
	return &Stopped{Where: "nothing was run", Cause: cause}
}

// once is one go at a job.
func (w *worker) once(ctx context.Context, j job) error {
	work, err := j.plan(ctx, w)
	if err != nil || !work {
		return notBegun(ctx, err)
	}
	l, err := w.acquire(ctx, j)
	if err != nil || l == nil {
		return notBegun(ctx, err)
	}
	defer l.release()
	if err := w.secondSession(ctx); err != nil {
		return notBegun(ctx, err)
	}
	return w.locked(ctx, l, j)
}

// locked plans again, since another runner may have worked meanwhile, and works.
func (w *worker) locked(ctx context.Context, l *lock, j job) error {
	work, err := w.firstAnswer(ctx, j)
	if err != nil || !work {
		return notBegun(ctx, err)
	}
	w.attendant = &attendant{lock: l, emit: w.emit, pid: w.s.PID}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop, stopped := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := w.attendant.attend(stop, w.lookEvery()); err != nil {
			cancel(err)
		}
	}()
	defer func() { stopped(); <-over }()
	if err := w.ensureRecord(ctx); err != nil {
		return notBegun(ctx, err)
	}
	err = j.do(ctx, w)
	w.logFailed(ctx, err)
	return err
}

// lookEvery is how often the attendant asks about a message in flight: often
// enough to see a blocker before the lock timeout is over.
func (w *worker) lookEvery() time.Duration {
	every := 250 * time.Millisecond
	if t := w.cfg.LockTimeout; t > 0 {
		every = min(every, max(t/4, 10*time.Millisecond))
	}
	return every
}

// firstAnswer plans under the lock, and says so where a pool gives one
// connection only: the lock's transaction has it, and the work would wait for ever.
func (w *worker) firstAnswer(ctx context.Context, j job) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, secondLimit)
	defer cancel()
	stop := context.AfterFunc(limited, func() {
		if ctx.Err() == nil {
			w.s.Cut()
		}
	})
	work, err := w.planAgain(ctx, j)
	if !stop() && err != nil && ctx.Err() == nil {
		return false, &Hinted{
			Err:  &Unreachable{Err: fmt.Errorf("no answer in %s beside the connection that holds the lock", secondLimit)},
			Hint: twoConnections,
		}
	}
	return work, err
}

// planAgain reads the history and asks the job what there is to do.
func (w *worker) planAgain(ctx context.Context, j job) (work bool, err error) {
	if err := w.readAgain(ctx); err != nil {
		return false, err
	}
	return j.plan(ctx, w)
}

func (w *worker) readAgain(ctx context.Context) (err error) {
	w.rec, err = w.book.ReadRecord(ctx, w.s, store.Whole)
	return pgconn.LostIs(err)
}
