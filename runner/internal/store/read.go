package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// ReadRecord reads the whole record in one message: no lock but the reader's,
// no write, and a record that does not exist is an empty one.
func (b Book) ReadRecord(ctx context.Context, s *pgconn.Session, as Gate) (*plan.Record, error) {
	by, scopes := "read", []string(nil)
	if as == AtGlance {
		// The owner reads the tables themselves: the view is a rule more to look at
		// before, and to expand.
		by, scopes = "read_tables", []string{"migrations.scope", "texts.checksum"}
	}
	rec, err := b.readRows(ctx, s, by, as, scopes)
	if pq.As(err, pqerror.InvalidTextRepresentation) != nil && as != knownOwn {
		if err := b.refuseForeign(ctx, s); err != nil {
			return nil, err
		}
		return b.ReadRecord(ctx, s, knownOwn)
	}
	if err == nil && as == AtGlance && !rec.Settled() {
		return b.ReadRecord(ctx, s, knownOwn) // with the steps of what is half run
	}
	if err == nil && (rec.Format == 0 || rec.Columns != len(ColumnsOf(rec.Format))) || isUndefined(err) {
		if rec, err = b.readOtherwise(ctx, s, rec.Format, as); err != nil {
			return rec, err
		}
		if !rec.Exists {
			return rec, mustConform(b.Start)
		}
	}
	if err != nil {
		_ = s.Exec(ctx, "ROLLBACK")
		return nil, b.readingFailed(s.Named(err))
	}
	if err := mustConform(b.Start); err != nil {
		return nil, err
	}
	if rec.Format > FormatNow {
		return nil, &plan.RefusalError{Reason: fmt.Sprintf("the history tables in schema %s have format %d, and this rung knows formats up to %d", pgtext.Ident(b.Schema), rec.Format, FormatNow), Hint: "use the newer rung that created them"}
	}
	if hasHalfRun(rec) {
		if err := b.readHalfRun(ctx, s, rec); err != nil {
			return nil, fmt.Errorf("read the history: %w", s.Named(err))
		}
	}
	return rec, nil
}

// readRows reads the history by one of the files that do. Its form is 0 where no
// row tells it.
func (b Book) readRows(ctx context.Context, s *pgconn.Session, by string, as Gate, there []string) (*plan.Record, error) {
	rec := &plan.Record{Steps: map[plan.StepKey]plan.StepRow{}}
	v := Values{"gate": Fragment(b.SQL(string(as), nil)), "has_texts": Fragment("up_sql IS NOT NULL, down_sql IS NOT NULL")}
	scoped, versions := slices.Contains(there, "migrations.scope"), Fragment("migrations")
	if by == "read" {
		scoped, versions = true, "applied"
	}
	if as == AtGlance { // whose gate counts the columns
		v["columns_there"], v["steps"] = Fragment("NULL::pg_catalog.int8"), Fragment("")
	} else {
		v["columns_there"] = Fragment(b.countColumns())
		v["steps"] = Fragment(b.SQL("read_steps", b.scopedWhere(scoped, Values{"versions": versions})))
	}
	v["scope_digest"] = Fragment("''")
	if b.Scope != "" && scoped {
		v["scope_digest"] = b.scopeDigest(versions)
	}
	if b.Scope != "" && slices.Contains(there, "texts.checksum") {
		v["has_texts"] = b.hasText("up", FormatOfTexts) + ", " + b.hasText("down", FormatOfTexts)
	}
	rows, err := s.Conn.QueryContext(ctx, b.SQL(by, b.scopedWhere(scoped, v)))
	if err == nil {
		err = scanRecord(rec, rows, s, b.Start)
		err = errors.Join(err, rows.Close())
	}
	rec.Exists = err == nil
	return rec, err
}

// readOtherwise is for history tables that are not there, of an earlier form, or
// damaged; noted is the form that they say, and as how closely they were looked at.
func (b Book) readOtherwise(ctx context.Context, s *pgconn.Session, noted int, as Gate) (*plan.Record, error) {
	there, err := b.columnsThere(ctx, s)
	if err != nil {
		return nil, err
	}
	if len(there) == 0 {
		return &plan.Record{Steps: map[plan.StepKey]plan.StepRow{}}, nil
	}
	if as == AtGlance { // which did not look at the view
		if err := b.refuseForeign(ctx, s); err != nil {
			return nil, err
		}
	}
	by := "read_tables"
	if slices.Contains(there, "migrations.scope") && slices.Contains(there, "applied.scope") {
		by = "read"
	}
	rec, err := b.readRows(ctx, s, by, knownOwn, there) // it was looked at before
	// A commit is seen a moment before the server tells this session that what it
	// knew to be missing is there: of eight first runs at once one met that.
	for tries := 0; tries < 100 && isUndefined(err) && isWhole(there) && ctx.Err() == nil; tries++ {
		if err := s.Exec(ctx, "ROLLBACK"); err != nil {
			return nil, pgconn.LostIs(err)
		}
		time.Sleep(20 * time.Millisecond)
		rec, err = b.readRows(ctx, s, by, knownOwn, there)
	}
	switch {
	case err == nil && rec.Format > 0:
		noted = rec.Format
	case err != nil && !isUndefined(err):
		_ = s.Exec(ctx, "ROLLBACK")
		return nil, b.readingFailed(s.Named(err))
	case err != nil:
		_ = s.Exec(ctx, "ROLLBACK")
	}
	if noted > FormatNow {
		return rec, nil
	}
	if damage := diagnose(b.Schema, there, noted); damage != nil {
		now, err := b.columnsThere(ctx, s)
		switch {
		case err != nil:
			return nil, err
		case !slices.Equal(now, there): // another rung has upgraded them between the two reads
			return b.readOtherwise(ctx, s, noted, as)
		}
		return rec, damage
	}
	return rec, s.Named(err)
}

// columnsThere are those of rung's columns that are there, as table.column.
func (b Book) columnsThere(ctx context.Context, s *pgconn.Session) (there []string, err error) {
	err = s.Query(ctx, "ROLLBACK;\n"+b.SQL("read_there", Values{"name": b.Schema}), func(rows *sql.Rows) error {
		var settings []string
		err := rows.Scan((*pq.StringArray)(&settings), (*pq.StringArray)(&there))
		b.Start.Note(settings)
		return err
	})
	return slices.Sorted(slices.Values(slices.DeleteFunc(there, func(c string) bool { return !slices.Contains(ColumnsOf(FormatNow), c) }))), err
}

func isUndefined(err error) bool {
	return pq.As(err, pqerror.UndefinedTable, pqerror.UndefinedColumn) != nil
}

// Explained gives an error of a later read the advice that a first one gets.
func (b Book) Explained(err error) error {
	if e := pq.As(err); e != nil && e.Routine == "check_enable_rls" {
		return b.readingFailed(err)
	}
	return pgconn.LostIs(err)
}

// readingFailed says why the history could not be read, and what helps.
func (b Book) readingFailed(err error) error {
	e := pq.As(err)
	switch {
	case noSuchRole(e):
		return fmt.Errorf("set the role of --role: %w", &files.HintedError{Err: err, Hint: RecordHint(err)})
	case e != nil && e.Routine == "check_enable_rls":
		return fmt.Errorf("read the history tables: %w", &files.HintedError{
			Err:  err,
			Hint: fmt.Sprintf("row-level security hides rows of the tables in schema %s from this role, and a hidden migration would count as not applied: work as the tables' owner, or run ALTER TABLE … DISABLE ROW LEVEL SECURITY on them and control access with GRANT", pgtext.Ident(b.Schema)),
		})
	case pq.As(err, pqerror.InsufficientPrivilege) != nil:
		return fmt.Errorf("read the history: %w", &files.HintedError{Err: err, Hint: "GRANT USAGE ON SCHEMA " + pgtext.Ident(b.Schema) + ", and SELECT on its tables, to this role"})
	}
	return fmt.Errorf("read the history: %w", err)
}

// Scoped adds what the SQL needs that also reads tables of an earlier form, which
// have no scopes: whose rows are meant, and what the key begins with.
func (b Book) Scoped(r *plan.Record, v Values) Values {
	return b.scopedWhere(r.Format >= FormatOfScopes, v)
}

func (b Book) scopedWhere(scopes bool, v Values) Values {
	v["ours"], v["key"] = Fragment("true"), Fragment("version")
	v["into"], v["into_values"] = Fragment(""), Fragment("")
	if b.Scope != "" {
		v["ours"] = Fragment("false") // tables of an earlier form know no scopes
	}
	if scopes {
		v["ours"], v["key"] = Fragment("scope = "+pgtext.Literal(b.Scope)), Fragment("scope, version")
		v["into"], v["into_values"] = Fragment("scope,"), Fragment(pgtext.Literal(b.Scope)+",")
	}
	return v
}

// Versions is the relation that lists the versions: without their SQL, which
// not everybody may read, where the form has it so.
func (b Book) Versions(r *plan.Record) Fragment {
	if r.Format >= FormatOfScopes {
		return "applied"
	}
	return "migrations"
}

// hasHalfRun reports whether there are steps that may have batches.
func hasHalfRun(r *plan.Record) bool {
	for _, st := range r.Steps {
		if st.State != "done" {
			return r.Format >= FormatOfBatches
		}
	}
	return false
}

// FormatOfIdentity is the first form that has what a batch's key was.
const FormatOfIdentity = 5

// readHalfRun adds what is known of batched steps that are not done.
func (b Book) readHalfRun(ctx context.Context, s *pgconn.Session, r *plan.Record) error {
	rows, err := s.Conn.QueryContext(ctx, b.SQL("half_run", b.Scoped(r, Values{"up_sql": b.textIn("up", r.Format)})))
	if err != nil {
		return err
	}
	err = scanHalfRun(r, rows)
	err = errors.Join(err, rows.Close())
	if pq.As(err, pqerror.InsufficientPrivilege) != nil {
		// Who may not see the SQL texts is told of the batches all the same.
		return s.Named(s.Exec(ctx, "ROLLBACK"))
	}
	return err
}

func scanHalfRun(r *plan.Record, rows *sql.Rows) error {
	for rows.Next() {
		var k plan.StepKey
		var over string
		var batches int
		if err := rows.Scan(&k.Version, &k.Direction, &k.Step, &over, &batches); err != nil {
			return err
		}
		if st, ok := r.Steps[k]; ok {
			st.BatchKey, st.Batches = over, batches
			r.Steps[k] = st
		}
	}
	rows.NextResultSet()
	r.UpSQL = map[files.Version]string{}
	for rows.Next() {
		var v files.Version
		var text string
		if err := rows.Scan(&v, &text); err != nil {
			return err
		}
		r.UpSQL[v] = text
	}
	return rows.Err()
}

func scanRecord(r *plan.Record, rows *sql.Rows, s *pgconn.Session, start *pgconn.Start) error {
	for rows.Next() {
		var settings []string
		if err := rows.Scan((*pq.StringArray)(&settings)); err != nil {
			return err
		}
		start.Note(settings)
	}
	rows.NextResultSet()
	var columns *int
	for rows.Next() { // whose the tables are
		if err := rows.Scan(&columns); err != nil {
			return err
		}
	}
	rows.NextResultSet()
	for rows.Next() {
		var form *int
		var counted *int
		if err := rows.Scan(&form, &s.PID, &counted, &r.Digest); err != nil {
			return err
		}
		if counted = cmp.Or(counted, columns); counted != nil {
			r.Columns = *counted
		}
		if form != nil {
			r.Format = *form
		}
	}
	rows.NextResultSet()
	for rows.Next() {
		var a plan.AppliedRow
		var micros *int64
		if err := rows.Scan(&a.Version, &a.Name, &a.State, &a.UpChecksum, &a.DownChecksum, &a.HasUpSQL, &a.HasDownSQL,
			&a.AppliedBy, &a.AppliedAt, &micros, &a.Run, &a.RungVersion, &a.PlanHash, &a.AdoptedFrom); err != nil {
			return err
		}
		if micros != nil {
			a.Duration = time.Duration(*micros) * time.Microsecond
		}
		r.Rows = append(r.Rows, a)
	}
	rows.NextResultSet()
	for rows.Next() {
		var k plan.StepKey
		var st plan.StepRow
		if err := rows.Scan(&k.Version, &k.Direction, &k.Step, &st.Checksum, &st.State); err != nil {
			return err
		}
		r.Steps[k] = st
	}
	return rows.Err()
}

// mustConform refuses sessions in which strings end elsewhere than where rung
// found them to.
func mustConform(s *pgconn.Start) error {
	if s.Conforming != "off" {
		return nil
	}
	return &plan.RefusalError{
		Reason: "standard_conforming_strings = off is not supported, and this session begins with it",
		Hint:   "add options=-c%20standard_conforming_strings=on to the database's URL, or reset the setting where it was made: ALTER ROLE, ALTER DATABASE or postgresql.conf",
	}
}

// Ask asks one thing in a transaction that may write nothing, under
// --role. Rung's own names are qualified, and others' functions not found.
func (b Book) Ask(ctx context.Context, s *pgconn.Session, q string, scan func(*sql.Rows) error) error {
	err := s.Query(ctx, "BEGIN READ ONLY;\n"+b.SetRole()+q+";\nCOMMIT", scan)
	if err != nil && !pgconn.IsLost(err) {
		_ = s.Exec(ctx, "ROLLBACK") // its own error says no more
	}
	return pgconn.LostIs(err)
}
