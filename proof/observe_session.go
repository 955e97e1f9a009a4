package proof

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner"
)

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

func (o *observer) look(ctx context.Context) (err error) {
	o.now, err = takeLook(ctx, o.conn)
	return err
}

func (o *observer) exec(ctx context.Context, text string) error {
	_, err := o.conn.ExecContext(ctx, text)
	return err
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

// name is a relation's as the user knows it: that before the first pending file.
func (o *observer) name(m *moment, oid int64) string {
	if r := o.known[oid]; r != nil {
		return r.full()
	}
	return m.relation(oid).full()
}

func (o *observer) knownName(name string) bool {
	for _, r := range o.known {
		if r.full() == name {
			return true
		}
	}
	return false
}

// ofServer reports whether the server said no and the session goes on.
func ofServer(err error) bool {
	e := pq.As(err)
	return e != nil && e.Severity == "ERROR" && pq.As(err, pqerror.QueryCanceled, pqerror.AdminShutdown) == nil
}

// learn takes what was made since a look for what was there before the first
// pending file: no file that is reported made it.
func (o *observer) learn(was *look) {
	for oid, r := range o.now.relations {
		if was.relations[oid] == nil {
			o.known[oid] = r
		}
	}
	for key, object := range o.now.objects {
		if was.objects[key] == nil {
			o.knownObjects[key] = object
		}
	}
	for key, c := range o.now.columns {
		if was.columns[key] == nil {
			o.knownColumns[key] = c
		}
	}
}
