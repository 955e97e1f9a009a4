package proof

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"

	"rung/runner"
)

// Observed is what one statement did on the scratch server.
type Observed struct {
	File    string         `json:"file"`
	Version runner.Version `json:"version"`
	// Direction is up or down: of which file of the version it is.
	Direction runner.Direction `json:"direction"`
	Line      int              `json:"line"`
	LastLine  int              `json:"last_line"`
	SQL       string           `json:"sql"`
	// How is transaction, batch or outside.
	How string `json:"how"`
	// EndLine is the last line of its transaction: its locks are held until then.
	EndLine int `json:"end_line"`
	// Locks are those on relations that are held when it ends, those that an
	// earlier statement of the transaction took among them.
	Locks    []Lock   `json:"locks"`
	Rewrites []string `json:"rewrites"`
	Scans    []string `json:"scans"`
	Builds   []Build  `json:"builds"`
	Changes  []Change `json:"changes"`
	// Failed is the server's error, or "".
	Failed   string `json:"failed,omitempty"`
	SQLState string `json:"sqlstate,omitempty"`
	// NotObserved says what could not be seen, or is "".
	NotObserved string `json:"not_observed,omitempty"`
}

// Lock is a lock on a relation that a statement takes, or that is held meanwhile.
type Lock struct {
	Relation string   `json:"relation"`
	Mode     LockMode `json:"mode"`
	// Since is the line of the statement that took it.
	Since int `json:"since"`
	// Blocks is what waits for it: "writes", "reads and writes" or "".
	Blocks string `json:"blocks,omitempty"`
	// New is true for a relation that the pending files make.
	New bool `json:"new"`
	// Documented is true where the mode is PostgreSQL's word: a statement outside
	// of a transaction has let go of its locks before anybody can look.
	Documented bool `json:"documented,omitempty"`

	oid int64
	by  *moment
}

// Build is an index that a statement built.
type Build struct {
	Index string `json:"index"`
	Table string `json:"table"`
}

// observer runs pending files on a scratch database, a statement at a time.
type observer struct {
	scratch *Scratch
	db      *Database
	// known are the relations that were there before the first pending file, by
	// oid, with the names that they had.
	known map[int64]*relation
	// knownObjects are the other objects that were there.
	knownObjects map[objectKey]*catalogObject
	// knownColumns are the columns that were there.
	knownColumns map[columnKey]*column
	// judge hears of each statement when it is through, note of what was done
	// beside them.
	judge   func(*moment)
	rebuilt func(before, after map[string]rights)
	// ask hears of each statement while the catalog can still be asked; nil for
	// nobody.
	ask  func(context.Context, *moment) error
	note func(string)

	conn    *sql.Conn
	notices []*pq.Error
	now     *look
	tx      *transaction
	script  *runner.Script
	sts     []runner.Statement
	version runner.Version
	// direction is that of the file, up or down.
	direction runner.Direction
	all       []*Observed
}

// transaction is one of those that a file runs in.
type transaction struct {
	held map[int64]heldLock
	// statements are those of it, in order, that are through.
	statements []*moment
	// many is set once lock-many-tables is found.
	many bool
}

type heldLock struct {
	mode LockMode
	by   *moment
}

// moment is one statement with the looks before and after it.
type moment struct {
	*Observed
	statement     runner.Statement
	before, after *look
	tx            *transaction
	// debug are the server's DEBUG lines, notices what else it said.
	debug   []string
	notices []*pq.Error
	// wholeTables are those that its UPDATE or DELETE goes through without an index.
	wholeTables []string
	// added are the tables that it adds columns to.
	added map[int64]bool
	// scanned are the tables of Scans, rewritten those of Rewrites, built the
	// indexes of Builds.
	scanned, rewritten, built []int64
	// users are the functions that name what it drops or renames.
	users   []user
	outside string
	batch   bool
}

// taken are the locks that the statement itself took or strengthened.
func (m *moment) taken() (locks []Lock) {
	for _, l := range m.Locks {
		if l.by == m {
			locks = append(locks, l)
		}
	}
	return locks
}

// open starts a session as the files get one, which tells what it does. Without
// the rights of a superuser, the server's own settings have to do.
func (o *observer) open(ctx context.Context, zone string) (close func(), err error) {
	cfg := o.db.Conn
	cfg.Runtime = map[string]string{"client_min_messages": "debug1"}
	if o.scratch.Own() {
		cfg.Runtime["lc_messages"], cfg.Runtime["track_counts"] = "C", "on"
	}
	for name, value := range o.db.Conn.Runtime {
		cfg.Runtime[name] = value
	}
	if zone != "" {
		cfg.Runtime["TimeZone"] = zone
	}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(pq.ConnectorWithNoticeHandler(connector, func(n *pq.Error) { o.notices = append(o.notices, n) }))
	if o.conn, err = db.Conn(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("connect to the scratch database: %w", err)
	}
	return func() { o.conn.Close(); db.Close() }, nil
}

// file runs one pending file in a session of its own.
func (o *observer) file(ctx context.Context, v runner.Version, d runner.Direction, s *runner.Script, firstStep int, zone string) error {
	closeSession, err := o.open(ctx, zone)
	if err != nil {
		return err
	}
	defer closeSession()
	o.script, o.sts, o.version, o.direction = s, s.Statements(), v, d
	if err := o.look(ctx); err != nil {
		return err
	}
	before, err := o.readRights(ctx)
	if err != nil {
		return err
	}
	for _, step := range s.Steps[min(firstStep, len(s.Steps)):] {
		if err := o.step(ctx, step); err != nil {
			return err
		}
	}
	after, err := o.readRights(ctx)
	if err == nil && o.rebuilt != nil {
		o.rebuilt(before, after)
	}
	return err
}

func (o *observer) look(ctx context.Context) (err error) {
	o.now, err = takeLook(ctx, o.conn)
	return err
}

func (o *observer) exec(ctx context.Context, text string) error {
	_, err := o.conn.ExecContext(ctx, text)
	return err
}

// step runs what production commits as one.
func (o *observer) step(ctx context.Context, step runner.Step) error {
	if step.Verb != "" && step.Batch == nil {
		return o.outsideStep(ctx, step)
	}
	var args []any
	if step.Batch != nil {
		args = o.bounds(ctx, step.Batch)
	}
	return o.transaction(ctx, step, args)
}

// transaction runs the statements of a step in one, and commits it.
func (o *observer) transaction(ctx context.Context, step runner.Step, args []any) error {
	if err := o.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	o.tx = &transaction{held: map[int64]heldLock{}}
	defer func() { o.tx = nil }()
	if err := o.look(ctx); err != nil {
		return err
	}
	var last *moment
	for i := step.First; i < step.Last; i++ {
		m := o.begin(i, step)
		if err := o.run(ctx, m, i, args); err != nil {
			return err
		}
		last = m
	}
	err := o.exec(ctx, "COMMIT")
	if err != nil {
		if !ofServer(err) {
			return err
		}
		if last != nil {
			last.fail(&runner.StatementError{File: o.script.Path, Part: runner.AtCommit, Err: err})
			o.judge(last)
		}
	}
	return o.look(ctx)
}

// begin makes the history of a statement.
func (o *observer) begin(i int, step runner.Step) *moment {
	st := o.sts[i]
	how, end := "transaction", o.sts[max(step.Last-1, i)].LastLine
	switch {
	case step.Batch != nil:
		how = "batch"
	case o.tx == nil:
		how = "outside"
	}
	m := &moment{statement: st, tx: o.tx, batch: step.Batch != nil, Observed: &Observed{
		File: o.script.Path, Version: o.version, Direction: o.direction, Line: st.Line, LastLine: st.LastLine, SQL: st.SQL, How: how, EndLine: end,
		Locks: []Lock{}, Rewrites: []string{}, Scans: []string{}, Builds: []Build{}, Changes: []Change{},
	}}
	if o.tx == nil {
		m.outside = step.Verb
	}
	o.all = append(o.all, m.Observed)
	return m
}
