package backfill

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"rung/internal/citus"
	"rung/internal/pgtext"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Span is the keys above after, up to and with upto.
type Span struct{ After, Upto store.Key }

// Walk finds the batches along a key's index, one probe for each. Comparing
// whole rows, (a, b) > (x, y), is what lets the index serve two columns.
type Walk struct {
	book      store.Book
	Run       plan.StepRun
	table     string     // as the directive names it
	qualified string     // as any session can name it
	columns   []string   // as SQL
	types     []string   // their types, as SQL
	nullable  []string   // the columns that may be NULL
	by        Comparison // of keys
	limits    string     // the timeouts of the file, and the search_path of a scope
	session   string     // its SETs, which decide what the table's name means
	results   int        // rows that the SETs return: set_config is a SELECT
	// pages is the size of the table.
	pages float64
	// mayVacuum is false for a role that neither owns the table nor stands above.
	mayVacuum bool
	// identity is what the batches counted by, beside the key's name.
	identity keyIdentity
	// hiddenFrom is the working role, where row-level security binds it; else "".
	hiddenFrom string
	isView     bool
}

// newWalk looks the key up and refuses one that cannot be walked: a table or
// column that is not there, rows without a key, no index that gives its order.
func newWalk(ctx context.Context, x *exec.Session, run plan.StepRun) (*Walk, error) {
	b, k := run.Step().Batch, WalkOf(x, run)
	found, err := k.KeyColumns(ctx, x)
	if err != nil {
		return nil, err
	}
	if k.qualified == "" {
		return nil, BadKey(run, files.Problem{
			What: fmt.Sprintf("table %s of the batch's key does not exist at this step", b.Table),
			Fix:  "name it as key=table.column, with its schema where the search_path lacks it",
		})
	}
	if k.isView {
		return nil, BadKey(run, KeyOfView(k.table))
	}
	if k.hiddenFrom != "" {
		return nil, BadKey(run, HiddenRows(k.table, pgtext.Ident(k.hiddenFrom)))
	}
	if err := k.clusterPages(ctx, x); err != nil {
		return nil, err
	}
	var operators []KeyOperators
	for _, name := range b.Columns {
		c, ok := found[name]
		if !ok {
			return nil, BadKey(run, files.Problem{
				What: fmt.Sprintf("table %s has no column %s for the batch's key", b.Table, pgtext.Ident(name)),
				Fix:  "name a column with an index, best the primary key",
			})
		}
		k.columns, k.types = append(k.columns, pgtext.Ident(name)), append(k.types, c.typ)
		k.identity.types, k.identity.ids = append(k.identity.types, c.exact), append(k.identity.ids, c.number)
		operators = append(operators, c.KeyOperators)
		if !c.notNull {
			k.nullable = append(k.nullable, pgtext.Ident(name))
		}
	}
	if err := k.checkOperators(operators); err != nil {
		return nil, err
	}
	return k, k.checkIndex(ctx, x)
}

// WalkOf is the walk of a step of which nothing is looked up yet.
func WalkOf(x *exec.Session, run plan.StepRun) *Walk {
	k := &Walk{book: x.History.Book, Run: run, table: run.Step().Batch.Table, limits: x.Limits.Local(run.Script) + x.History.FilePath()}
	k.session, k.results = sessionText(run)
	return k
}

// keyColumn is what the catalog says of a column of the key.
type keyColumn struct {
	typ     string
	exact   string // with its collation, and the version of that
	number  int64
	notNull bool
	KeyOperators
}

// KeyColumns looks them up, and the table, by name.
func (k *Walk) KeyColumns(ctx context.Context, x *exec.Session) (map[string]keyColumn, error) {
	b := k.Run.Step().Batch
	found := map[string]keyColumn{}
	q := k.sql("key", store.Values{
		"columns": store.Key(b.Columns), "table": b.Table, "operators": x.History.Operators("a.atttypid"),
		"key_type": store.Fragment(x.History.SQL("key_type", nil)), "pages": store.Fragment(x.History.SQL("key_pages", store.Values{"table": b.Table})),
	})
	k.identity.ids = make([]int64, 1)
	err := k.ask(ctx, x, q, func(rows *sql.Rows) error {
		var name, typ *string
		var notNull *bool
		var number *int64
		var exact string
		var ops KeyOperators
		if err := rows.Scan(&name, &typ, &notNull, &ops.above, &ops.upto, &ops.upfrom, &ops.visible, &k.qualified, &k.mayVacuum,
			&k.identity.ids[0], &number, &exact, &k.pages, &k.hiddenFrom, &k.isView); err != nil || name == nil {
			return err
		}
		found[*name] = keyColumn{*typ, exact, *number, *notNull, ops}
		return nil
	})
	return found, err
}

// sessionText is the SQL of the SETs that are in force at a step, and the
// number of rows that they return.
func sessionText(run plan.StepRun) (text string, results int) {
	m := &pgconn.Message{}
	for _, i := range run.Step().Session {
		m.Statement(run.Script, i)
		if files.Words(run.Script.Parsed.Statements[i].Words).At(0) == "SELECT" {
			results++
		}
	}
	return m.Text.String(), results
}

// ask runs one of the walk's queries under the file's limits, watched as the
// batch's statement is. Its transaction is rolled back, and with it the SETs.
func (k *Walk) ask(ctx context.Context, x *exec.Session, q string, scan func(*sql.Rows) error) error {
	do := func() error { return x.Conn.QueryAfter(ctx, q, k.results, scan) }
	if x.Monitor == nil {
		return do() // a plan, which runs nothing
	}
	t := x.NewSender(ctx, k.Run)
	t.Last = t.Step.First
	return t.Run(&pgconn.Message{}, do)
}

// BadKey is a batch that cannot run, with the place of its statement.
func BadKey(run plan.StepRun, p files.Problem) error {
	return badStatement(run.Action, run.Step().First, p)
}

func badStatement(a plan.Action, i int, p files.Problem) error {
	pos := a.Script.Pos(i)
	p.File, p.Line, p.Col = a.Script.Path, pos.Line, pos.Col
	return &files.BadFilesError{Problems: []files.Problem{p}}
}

// KeyOfView is a key of a view, which has neither an index nor pages to count rows in.
func KeyOfView(table string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("%s of the batch's key is a view, which has no index to walk along", table),
		Fix:  "write key=table.column with the table below it; the statement may name the view",
	}
}

// NoIndex is a key whose order no index has.
func NoIndex(table string, columns []string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("no index of %s has the order of (%s)", table, strings.Join(columns, ", ")),
		Fix:  "batch by the primary key, or create a plain btree index on the key first",
	}
}

// NullKey is a key that is NULL in some row.
func NullKey(table string, columns []string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("%s has rows without a key: (%s) is NULL, so no batch would reach them", table, strings.Join(columns, ", ")),
		Fix:  "batch by a column that is NOT NULL",
	}
}

// checkIndex asks the planner: with every other way switched off, does an
// index give the key's order?
func (k *Walk) checkIndex(ctx context.Context, x *exec.Session) error {
	var plan string
	begin, err := k.probingOnCluster(ctx, x)
	if err != nil {
		return err
	}
	if err := k.ask(ctx, x, k.sql("key_plan", store.Values{"begin": begin}), func(rows *sql.Rows) error { return rows.Scan(&plan) }); err != nil {
		return err
	}
	plan = citus.Below(plan)
	if strings.Contains(plan, `"Seq Scan"`) || strings.Contains(plan, `Sort"`) {
		return BadKey(k.Run, NoIndex(k.table, k.columns))
	}
	return nil
}

// CountedPages is how much of a table is read to tell how many rows it has: all
// of it up to 16 MB.
const CountedPages = 2000

// count estimates the table's rows from a sample of its pages, for the progress.
// The planner's guess would not do: it is far off for a table that was never
// analyzed, and rung's own VACUUMs, which read a part of the table only, let the
// server think of fewer and fewer rows.
func (k *Walk) count(ctx context.Context, x *exec.Session) (rows int64, err error) {
	percent := min(100, 100*CountedPages/max(k.pages, 1))
	q := k.sql("key_count", store.Values{"percent": store.Fragment(strconv.FormatFloat(percent, 'f', -1, 64))})
	err = k.ask(ctx, x, q, func(r *sql.Rows) error { return r.Scan(&rows) })
	return rows, err
}

// sql renders one of the walk's queries.
func (k *Walk) sql(name string, v store.Values) string {
	all := store.Values{
		"limits": store.Fragment(k.limits), "session": store.Fragment(k.session), "probing": store.Fragment(k.book.SQL("probing", nil)),
		"table": store.Fragment(k.table), "columns": store.Fragment(strings.Join(k.columns, ", ")),
		"texts": store.Fragment("ARRAY[" + strings.Join(k.each("%s::pg_catalog.text"), ", ") + "]"),
	}
	for name, val := range v {
		all[name] = val
	}
	return k.book.SQL(name, all)
}

func (k *Walk) each(format string) []string {
	out := make([]string, len(k.columns))
	for i, c := range k.columns {
		out[i] = fmt.Sprintf(format, c)
	}
	return out
}

// end notes the key's last value, nil for an empty table.
func (k *Walk) end(ctx context.Context, x *exec.Session) (upper store.Key, err error) {
	nulls := []string{"false"}
	for _, c := range k.nullable {
		nulls = append(nulls, "EXISTS (SELECT FROM "+k.table+" WHERE "+c+" IS NULL)")
	}
	var anyNull bool
	q := k.sql("key_range", store.Values{
		"columns_desc": store.Fragment(strings.Join(k.each("%s DESC"), ", ")),
		"any_null":     store.Fragment(strings.Join(nulls, " OR ")),
	})
	err = k.ask(ctx, x, q, func(rows *sql.Rows) error { return rows.Scan((*pq.StringArray)(&upper), &anyNull) })
	if err == nil && anyNull {
		err = BadKey(k.Run, NullKey(k.table, k.columns))
	}
	return upper, err
}

// name is the key as the history keeps it.
func (k *Walk) name() string { return k.qualified + " (" + strings.Join(k.columns, ", ") + ")" }

// row writes a key as SQL.
func (k *Walk) row(v store.Key) string {
	lits := k.Literals(v)
	if len(lits) == 1 {
		return lits[0]
	}
	return "(" + strings.Join(lits, ", ") + ")"
}

// parameters are the types of $1 and $2, or of $1 to $4.
func (k *Walk) parameters() string {
	types := append(append([]string{}, k.types...), k.types...)
	return "(" + strings.Join(types, ", ") + ")"
}

// Literals are a key's values as SQL, each of its column's type.
func (k *Walk) Literals(v store.Key) []string {
	out := make([]string, len(v))
	for i, text := range v {
		out[i] = pgtext.Literal(text) + "::" + k.types[i]
	}
	return out
}

// list are the columns as SQL.
func (k *Walk) list() string { return strings.Join(k.columns, ", ") }

// in is the condition for a key to lie in a span.
func (k *Walk) in(s Span) string {
	columns := strings.Join(k.columns, ", ")
	if len(k.columns) > 1 {
		columns = "(" + columns + ")"
	}
	cond := columns + " " + k.by.Upto + " " + k.row(s.Upto)
	if len(s.After) > 0 {
		cond = columns + " " + k.by.Above + " " + k.row(s.After) + " AND " + cond
	}
	return cond
}

// found is the batch at a span's start.
type found struct {
	first, last store.Key // first is nil where no key is left
	keys        int
	// full is false where fewer keys are left than were asked for, and then
	// the batch reaches to the span's end.
	full bool
}

// next finds the batch at the span's start, of so many keys.
func (k *Walk) next(ctx context.Context, x *exec.Session, in Span, size int) (f found, err error) {
	q := k.sql("next_batch", store.Values{"range": store.Fragment(k.in(in)), "skip": store.Fragment(fmt.Sprint(size - 1))})
	var left *int // counted where fewer than size are left
	err = k.ask(ctx, x, q, func(rows *sql.Rows) error {
		return rows.Scan((*pq.StringArray)(&f.first), (*pq.StringArray)(&f.last), &left)
	})
	switch {
	case err != nil || f.first == nil:
		return found{}, err
	case f.last == nil && left != nil:
		f.last, f.keys = in.Upto, *left
	default:
		f.keys, f.full = size, !slices.Equal(f.last, in.Upto)
	}
	return f, nil
}

const unboundRole = "work as a role that sees all rows (the table's owner unless row security is forced, or a role with BYPASSRLS), by --role or by SET ROLE above the batch"

// HiddenRows is a table whose row-level security keeps rows from the role.
func HiddenRows(table, role string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("row-level security hides rows of %s from role %s, so the batches would skip them", table, role),
		Fix:  unboundRole,
	}
}

// keyIdentity reports whether the keys recorded still mean what they meant when
// the step began: an order of another type, collation or collation version is
// another order, and another table or column has other rows.
type keyIdentity struct {
	types []string // of each column, with collation and version
	// ids are the oid of the key's table and the numbers of its columns; in
	// the history behind the oid of rung's own table, which tells a restored copy.
	ids []int64
}

// known reports whether the history has it: an earlier rung did not note it.
func (i keyIdentity) known() bool { return len(i.types) > 0 }

// changed says what is not as it was, or "". Copied is true where the history was
// restored from a dump, which gave all tables other oids.
func (i keyIdentity) changed(now keyIdentity, copied bool) string {
	switch {
	case !i.known():
		return ""
	case !slices.Equal(i.types, now.types):
		return fmt.Sprintf("the key's type was %s and is now %s: in another order, rows would be skipped or processed twice", strings.Join(i.types, ", "), strings.Join(now.types, ", "))
	case copied || slices.Equal(i.ids, now.ids):
		return ""
	case i.ids[0] != now.ids[0]:
		return fmt.Sprintf("the table is not the one that the batches ran on (oid %d, now %d), so which of its rows are done is unknown", i.ids[0], now.ids[0])
	}
	return "the key's column was dropped and added again, so which of its rows are done is unknown"
}

// ids as the history keeps them.
func (i keyIdentity) array() store.Fragment {
	all := []string{"tableoid::pg_catalog.int8"}
	for _, id := range i.ids {
		all = append(all, fmt.Sprint(id))
	}
	return store.Fragment("ARRAY[" + strings.Join(all, ", ") + "]::pg_catalog.oid[]")
}

// The key's index has its order from an operator class, and so has ORDER BY. A
// plain <= in SQL is looked up by name: where the search_path lacks the schema
// of the key's own (citext in a schema of extensions), it finds those of
// another type that the key can be read as (text), and rows are passed over.

// KeyOperators are those of a column's operator class, as SQL; "" where its
// type has none of its own, but uses another type's, all of which are in
// pg_catalog.
type KeyOperators struct {
	above, upto, upfrom string
	visible             bool // a plain >, >= and <= find them
}

// Comparison is how keys are compared, as SQL.
type Comparison struct{ Above, Upto, Upfrom string }

// InCatalog compares by PostgreSQL's own operators.
var InCatalog = Comparison{"OPERATOR(pg_catalog.>)", "OPERATOR(pg_catalog.<=)", "OPERATOR(pg_catalog.>=)"}

// BySearchPath leaves it to the search_path.
var BySearchPath = Comparison{">", "<=", ">="}
