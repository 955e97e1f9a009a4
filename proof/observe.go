package proof

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
	"rung/runner"
)

// Observed is what one statement did on the scratch server.
type Observed struct {
	File     string         `json:"file"`
	Version  runner.Version `json:"version"`
	Line     int            `json:"line"`
	LastLine int            `json:"last_line"`
	SQL      string         `json:"sql"`
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
	// judge hears of each statement when it is through, note of what was done
	// beside them.
	judge func(*moment)
	note  func(string)

	conn    *sql.Conn
	notices []*pq.Error
	now     *look
	tx      *transaction
	script  *runner.Script
	sts     []runner.Statement
	version runner.Version
	all     []*Observed
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
	// scanned are the tables of Scans, built the indexes of Builds.
	scanned, built []int64
	outside        string
	batch          bool
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
func (o *observer) file(ctx context.Context, v runner.Version, s *runner.Script, firstStep int, zone string) error {
	closeSession, err := o.open(ctx, zone)
	if err != nil {
		return err
	}
	defer closeSession()
	o.script, o.sts, o.version = s, s.Statements(), v
	if err := o.look(ctx); err != nil {
		return err
	}
	for _, step := range s.Steps[min(firstStep, len(s.Steps)):] {
		if err := o.step(ctx, step); err != nil {
			return err
		}
	}
	return nil
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

// begin makes the record of a statement.
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
		File: o.script.Path, Version: o.version, Line: st.Line, LastLine: st.LastLine, SQL: st.SQL, How: how, EndLine: end,
		Locks: []Lock{}, Rewrites: []string{}, Scans: []string{}, Builds: []Build{}, Changes: []Change{},
	}}
	if o.tx == nil {
		m.outside = step.Verb
	}
	o.all = append(o.all, m.Observed)
	return m
}

// run runs statement i in the open transaction. One that fails is rolled back
// alone, so that the others are seen too.
func (o *observer) run(ctx context.Context, m *moment, i int, args []any) error {
	wrap := !hasControl(m.statement.Words)
	if setsTransaction(m.statement.Words) {
		m.NotObserved = "SET TRANSACTION is not run: it has to come before everything else"
		return nil
	}
	if wrap {
		m.wholeTables = o.explain(ctx, m, args)
		if err := o.exec(ctx, "SET client_min_messages = debug1; SAVEPOINT rung_review"); err != nil {
			return err
		}
	}
	o.notices = nil
	err := o.send(ctx, m, i, args)
	if err != nil && !ofServer(err) {
		return err
	}
	said := o.notices
	switch {
	case err != nil && wrap:
		if err := o.exec(ctx, "ROLLBACK TO SAVEPOINT rung_review"); err != nil {
			return err
		}
		if made, failed := o.madeRole(ctx, err); made || failed != nil {
			if failed != nil {
				return failed
			}
			return o.run(ctx, m, i, args)
		}
	case err != nil:
		if err := o.exec(ctx, "ROLLBACK; BEGIN"); err != nil {
			return err
		}
	case wrap:
		if err := o.exec(ctx, "RELEASE SAVEPOINT rung_review"); err != nil {
			return err
		}
	}
	if err != nil {
		m.fail(runner.ErrorIn(o.script, i, err))
	}
	return o.seen(ctx, m, said)
}

// send sends the statement alone, as the runner would but for its bookkeeping.
func (o *observer) send(ctx context.Context, m *moment, i int, args []any) error {
	if m.statement.Data {
		return o.conn.Raw(func(c any) error {
			conn, ok := c.(driver.Conn)
			if !ok {
				return fmt.Errorf("the driver gives no connection")
			}
			return runner.CopyStatement(ctx, o.script, conn, i)
		})
	}
	_, err := o.conn.ExecContext(ctx, m.SQL, args[:min(len(args), m.statement.Params)]...)
	return err
}

// seen looks at what the statement did, and has it judged.
func (o *observer) seen(ctx context.Context, m *moment, said []*pq.Error) error {
	for _, n := range said {
		if n.Severity == "DEBUG" {
			m.debug = append(m.debug, n.Message)
		} else {
			m.notices = append(m.notices, n)
		}
	}
	m.before = o.now
	if err := o.look(ctx); err != nil {
		return err
	}
	m.after = o.now
	o.compare(m)
	if m.tx != nil {
		m.tx.statements = append(m.tx.statements, m)
	}
	o.judge(m)
	m.before, m.after = nil, nil // large, and judged
	return nil
}

func (m *moment) fail(e *runner.StatementError) {
	m.Failed = strings.ReplaceAll(e.Error(), "pq: ", "")
	if p := pq.As(e.Err); p != nil {
		m.SQLState = string(p.Code)
	}
}

// ofServer reports whether the server said no and the session goes on.
func ofServer(err error) bool {
	e := pq.As(err)
	return e != nil && e.Severity == "ERROR" && pq.As(err, pqerror.QueryCanceled, pqerror.AdminShutdown) == nil
}

// madeRole makes a role that the statement names and a scratch server lacks.
func (o *observer) madeRole(ctx context.Context, err error) (bool, error) {
	e := pq.As(err, pqerror.UndefinedObject)
	if e == nil {
		return false, nil
	}
	name := roleMissing.FindStringSubmatch(e.Message)
	if name == nil || slices.Contains(o.scratch.Roles(), name[1]) {
		return false, nil
	}
	made, failed := o.scratch.CreateRole(ctx, name[1])
	if made {
		o.note("role " + name[1] + " does not exist on the scratch server: made it, without rights, since files name it")
	}
	return made, failed
}

// bounds are the first and the last key of a batch's table, or NULLs.
func (o *observer) bounds(ctx context.Context, b *runner.Batch) []any {
	n := len(b.Columns)
	var names, texts []string
	for _, c := range b.Columns {
		names, texts = append(names, pgtext.Ident(c)), append(texts, pgtext.Ident(c)+"::pg_catalog.text")
	}
	args := make([]any, 2*n)
	for half, direction := range []string{" ASC", " DESC"} {
		values, to := make([]sql.NullString, n), make([]any, n)
		for i := range values {
			to[i] = &values[i]
		}
		query := "SELECT " + strings.Join(texts, ", ") + " FROM (SELECT " + strings.Join(names, ", ") + " FROM " + b.Table + " ORDER BY " + strings.Join(names, direction+", ") + direction + " LIMIT 1) AS k"
		if o.conn.QueryRowContext(ctx, query).Scan(to...) != nil {
			continue // an empty table, or one that the statement will complain of
		}
		for i := range values {
			args[half*n+i] = values[i].String
		}
	}
	return args
}

// outsideStep runs a statement that PostgreSQL refuses inside a transaction, or
// may refuse: that is tried.
func (o *observer) outsideStep(ctx context.Context, step runner.Step) error {
	i := step.First
	for _, n := range step.Session {
		if err := o.exec(ctx, o.sts[n].SQL); err != nil && !ofServer(err) {
			return err
		}
	}
	if tried := o.sts[i].Words[0]; tried == "DO" || tried == "CALL" || tried == "CLUSTER" || tried == "REINDEX" && !slices.Contains(o.sts[i].Words, "CONCURRENTLY") {
		allowed, err := o.allowedInside(ctx, i)
		if err != nil {
			return err
		}
		if allowed {
			return o.transaction(ctx, step, nil)
		}
	}
	m := o.begin(i, step)
	if err := o.exec(ctx, "SET client_min_messages = debug1"); err != nil {
		return err
	}
	if err := o.look(ctx); err != nil {
		return err
	}
	o.notices = nil
	err := o.send(ctx, m, i, nil)
	if err != nil && !ofServer(err) {
		return err
	}
	if err != nil {
		m.fail(runner.ErrorIn(o.script, i, err))
	}
	return o.seen(ctx, m, o.notices)
}

// allowedInside tries a statement in a transaction that is rolled back.
func (o *observer) allowedInside(ctx context.Context, i int) (bool, error) {
	if err := o.exec(ctx, "BEGIN"); err != nil {
		return false, err
	}
	err := o.exec(ctx, o.sts[i].SQL)
	if err != nil && !ofServer(err) {
		return false, err
	}
	refused := pq.As(err, pqerror.ActiveSQLTransaction, pqerror.InvalidTransactionTermination) != nil
	return !refused, o.exec(ctx, "ROLLBACK")
}

// hasControl reports whether a statement begins or ends (sub)transactions.
func hasControl(words []string) bool {
	return len(words) > 0 && slices.Contains([]string{"SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "BEGIN"}, words[0])
}

func setsTransaction(words []string) bool {
	return len(words) > 1 && words[0] == "SET" && (words[1] == "TRANSACTION" || words[1] == "LOCAL" && len(words) > 2 && words[2] == "TRANSACTION")
}

// explain names the tables whose rows an UPDATE or DELETE looks at without an
// index, though it would take one if it could.
func (o *observer) explain(ctx context.Context, m *moment, args []any) (tables []string) {
	words := m.statement.Words
	if m.batch || len(words) == 0 || !slices.Contains([]string{"UPDATE", "DELETE", "MERGE", "WITH"}, words[0]) {
		return nil
	}
	if o.exec(ctx, "SAVEPOINT rung_explain; SET LOCAL enable_seqscan = off") != nil {
		return nil
	}
	var text []byte
	err := o.conn.QueryRowContext(ctx, "EXPLAIN (VERBOSE, FORMAT JSON) "+m.SQL, args...).Scan(&text)
	_ = o.exec(ctx, "ROLLBACK TO SAVEPOINT rung_explain; RELEASE SAVEPOINT rung_explain")
	var plans []struct{ Plan planNode }
	if err != nil || json.Unmarshal(text, &plans) != nil || len(plans) == 0 {
		return nil // the statement itself will tell
	}
	return plans[0].Plan.wholeTables("")
}

// planNode is a node of EXPLAIN's JSON.
type planNode struct {
	Type      string     `json:"Node Type"`
	Operation string     `json:"Operation"`
	Schema    string     `json:"Schema"`
	Relation  string     `json:"Relation Name"`
	IndexCond string     `json:"Index Cond"`
	Plans     []planNode `json:"Plans"`
}

// wholeTables walks to the scans of the tables that are written.
func (p planNode) wholeTables(written string) (tables []string) {
	name := p.Schema + "." + p.Relation
	switch {
	case p.Type == "ModifyTable" && p.Operation != "Insert":
		written = name
	case p.Relation != "" && name == written && (p.Type == "Seq Scan" || strings.HasPrefix(p.Type, "Index") && p.IndexCond == ""):
		tables = append(tables, name)
	}
	for _, child := range p.Plans {
		for _, t := range child.wholeTables(written) {
			if !slices.Contains(tables, t) {
				tables = append(tables, t)
			}
		}
	}
	return tables
}

// The server's DEBUG lines. Their names are without schema.
var (
	debugRewrite  = regexp.MustCompile(`^rewriting table "(.*)"$`)
	debugVerify   = regexp.MustCompile(`^verifying table "(.*)"$`)
	debugValidate = regexp.MustCompile(`^validating foreign key constraint "(.*)"$`)
	debugBuild    = regexp.MustCompile(`^building index "(.*)" on table "(.*)"`)
)
