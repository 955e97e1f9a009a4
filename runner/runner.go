package runner

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io/fs"
	"reflect"
	"sync"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgurl"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Config is what a Runner works with. The zero value of every field is safe.
type Config struct {
	// URL is the database: a postgres:// URL, or key=value pairs. Defaults to Conn.
	URL string
	// Conn is the same for a program that has it in parts. Defaults to what the PG*
	// variables of the environment say, as for psql.
	Conn pq.Config
	// Connector opens the sessions in place of URL and Conn: for a program that has a
	// password anew for each connection, or a way of its own to the server. It opens
	// connections of lib/pq, several at a time, none of them through a pool: a session
	// that hangs in the network ends no sooner than the connector's own limits say.
	// Defaults to none.
	Connector driver.Connector
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
	// Scope is a schema that the directory is applied to, in place of the database:
	// the history has its versions apart, and its files run with it as their
	// search_path. Defaults to the database itself.
	Scope string
	// Shared are schemas that a scope's search_path has besides, as those of
	// extensions. Defaults to none.
	Shared []string
	// Sessions keeps connections for the Runners after this one. Defaults to none.
	Sessions *Sessions
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
	run  string // names this run in the history and in progress notices
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
		return nil, &plan.RefusalError{Reason: fmt.Sprintf("history schema %q is longer than PostgreSQL's 63 bytes", cfg.HistorySchema)}
	}
	if cfg.Version == "" {
		cfg.Version = "unknown"
	}
	if len(cfg.Scope) > 63 {
		return nil, &plan.RefusalError{Reason: fmt.Sprintf("schema %q cannot have versions of its own: its name is longer than PostgreSQL's 63 bytes", cfg.Scope)}
	}
	if cfg.Dir == nil {
		cfg.Dir = &files.Directory{}
	}
	if cfg.Files != nil && cfg.Load == nil {
		cfg.Load = func() (*files.Directory, error) { return files.Load(cfg.Files, "migrations") }
	}
	if cfg.Connector == nil && (cfg.URL != "" || reflect.ValueOf(cfg.Conn).IsZero()) {
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
	r := &Runner{cfg: cfg, book: store.Book{Schema: cfg.HistorySchema, Role: cfg.Role, Scope: cfg.Scope, Shared: cfg.Shared, Start: cfg.Sessions.startOf(pgconn.AskedBy(cfg.Conn))}, run: cfg.Run}
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
	// InPlace is how many versions are.
	InPlace int
	// Plan is what was to be done.
	Plan *Plan
	// Done is what was finished, in order.
	Done []Done
	// Lost is what was done, and is not in the history of the server that answered
	// after the connection was lost.
	Lost []Done
	// Background are the background backfills that are not done.
	Background []Background
	// Accepted is what baseline or repair wrote down.
	Accepted []Accepted
	// Restored is true where the history tables were given back what they lacked.
	Restored bool
}

// Origin is where a run was started, for the log: what the machine says of
// itself, which nobody checks.
type Origin struct {
	// OSUser is the user of the operating system.
	OSUser string
	// Host is the machine's name.
	Host string
	// Job is the address of the CI job.
	Job string
}

// NewRun makes the name of a run. Runs on several databases that are one to the
// user have the same.
func NewRun() string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(id[:])
}
