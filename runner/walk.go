package runner

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// key is a value of a batch's key, a text for each column. The empty key is
// the start of the table.
type key []string

func (k key) array() string {
	v, err := pq.StringArray(k).Value()
	if err != nil || v == nil {
		return "{}"
	}
	return v.(string)
}

// span is the keys above after, up to and with upto.
type span struct{ after, upto key }

// keyWalk finds the batches along a key's index, one probe for each. Comparing
// whole rows, (a, b) > (x, y), is what lets the index serve two columns.
type keyWalk struct {
	book      book
	table     string   // as the directive names it
	qualified string   // as any session can name it
	columns   []string // as SQL
	types     []string // their types, as SQL
	session   string   // the file's SETs, which decide what the table's name means
	// estimate is the planner's guess of the table's rows.
	estimate int64
	// mayVacuum is false for a role that neither owns the table nor stands above.
	mayVacuum bool
}

// newWalk looks the key up and refuses one that cannot be walked: a table or
// column that is not there, rows without a key, no index that gives its order.
func (w *worker) newWalk(ctx context.Context, a Action, n int) (*keyWalk, error) {
	b := a.Script.Steps[n].Batch
	k := &keyWalk{book: w.book, table: b.Table, session: w.sessionText(a, n)}
	found := map[string]string{}
	q := w.book.sql("key", values{"session": fragment(k.session), "columns": key(b.Columns), "table": b.Table})
	err := w.s.query(ctx, q, func(rows *sql.Rows) error {
		var name, typ *string
		if err := rows.Scan(&name, &typ, &k.mayVacuum, &k.qualified); err != nil || name == nil {
			return err
		}
		found[*name] = *typ
		return nil
	})
	if err != nil {
		return nil, err
	}
	if k.qualified == "" {
		return nil, w.badKey(a, n, "table %s of the batch's key does not exist at this step", "name it as key=table.column, with its schema where the search_path lacks it", b.Table)
	}
	for _, c := range b.Columns {
		typ, ok := found[c]
		if !ok {
			return nil, w.badKey(a, n, "table %s has no column %s for the batch's key", "name a column with an index, best the primary key", b.Table, quoteIdent(c))
		}
		k.columns, k.types = append(k.columns, quoteIdent(c)), append(k.types, typ)
	}
	return k, w.checkIndex(ctx, a, n, k)
}

// sessionText is the SQL of the SETs that are in force at a step.
func (w *worker) sessionText(a Action, n int) string {
	m := &message{}
	for _, i := range a.Script.Steps[n].session {
		m.statement(a.Script, i)
	}
	return strings.ReplaceAll(m.b.String(), "\r", "")
}

// badKey is a batch that cannot run, with the place of its statement.
func (w *worker) badKey(a Action, n int, what, mend string, args ...any) error {
	pos := a.Script.pos(a.Script.Steps[n].First)
	return &BadFiles{[]Problem{{File: a.Script.Path, Line: pos.Line, Col: pos.Col, What: fmt.Sprintf(what, args...), Mend: mend}}}
}

// checkIndex asks the planner: with every other way switched off, does an
// index give the key's order? Its guess of the rows there are is taken along.
func (w *worker) checkIndex(ctx context.Context, a Action, n int, k *keyWalk) error {
	var plan string
	if err := w.s.query(ctx, k.sql("key_plan", nil), func(rows *sql.Rows) error { return rows.Scan(&plan) }); err != nil {
		return err
	}
	if strings.Contains(plan, `"Seq Scan"`) || strings.Contains(plan, `Sort"`) {
		return w.badKey(a, n, "no index of %s gives the order of (%s)", "batch by the primary key, or create a plain btree index on the key first", k.table, strings.Join(k.columns, ", "))
	}
	k.estimate = mostRows(plan)
	return nil
}

var planRows = regexp.MustCompile(`"Plan Rows": (\d+)`)

// mostRows is the largest guess of rows in a plan: that of the scan under the LIMIT.
func mostRows(plan string) (most int64) {
	for _, m := range planRows.FindAllStringSubmatch(plan, -1) {
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			most = max(most, n)
		}
	}
	return most
}

// sql renders one of the walk's queries.
func (k *keyWalk) sql(name string, v values) string {
	all := values{
		"session": fragment(k.session), "table": fragment(k.table), "columns": fragment(strings.Join(k.columns, ", ")),
		"index_only": fragment(k.book.sql("index_only", nil)),
		"texts":      fragment("ARRAY[" + strings.Join(k.each("%s::text"), ", ") + "]"),
	}
	for name, val := range v {
		all[name] = val
	}
	return k.book.sql(name, all)
}

func (k *keyWalk) each(format string) []string {
	out := make([]string, len(k.columns))
	for i, c := range k.columns {
		out[i] = fmt.Sprintf(format, c)
	}
	return out
}

// end notes the key's last value, nil for an empty table.
func (w *worker) end(ctx context.Context, a Action, n int, k *keyWalk) (upper key, err error) {
	var nulls bool
	q := k.sql("key_range", values{
		"columns_desc": fragment(strings.Join(k.each("%s DESC"), ", ")),
		"any_null":     fragment(strings.Join(k.each("%s IS NULL"), " OR ")),
	})
	err = w.s.query(ctx, q, func(rows *sql.Rows) error {
		return rows.Scan((*pq.StringArray)(&upper), &nulls)
	})
	if err == nil && nulls {
		err = w.badKey(a, n, "%s has rows without a key: (%s) is NULL there, so no batch would reach them", "batch by a column that is NOT NULL", k.table, strings.Join(k.columns, ", "))
	}
	return upper, err
}

// row writes a key as SQL.
func (k *keyWalk) row(v key) string {
	lits := k.literals(v)
	if len(lits) == 1 {
		return lits[0]
	}
	return "(" + strings.Join(lits, ", ") + ")"
}

func (k *keyWalk) literals(v key) []string {
	out := make([]string, len(v))
	for i, text := range v {
		out[i] = quoteLiteral(text) + "::" + k.types[i]
	}
	return out
}

// in is the condition for a key to lie in a span.
func (k *keyWalk) in(s span) string {
	columns := strings.Join(k.columns, ", ")
	if len(k.columns) > 1 {
		columns = "(" + columns + ")"
	}
	cond := columns + " <= " + k.row(s.upto)
	if len(s.after) > 0 {
		cond = columns + " > " + k.row(s.after) + " AND " + cond
	}
	return cond
}

// next finds the batch at the span's start: its first and last key. First is
// nil when no key is left there. Full is false when fewer than size are left,
// and then the batch reaches to the span's end.
func (s *session) next(ctx context.Context, k *keyWalk, in span, size int) (first, last key, full bool, err error) {
	q := k.sql("next_batch", values{"range": fragment(k.in(in)), "skip": fragment(fmt.Sprint(size - 1))})
	err = s.query(ctx, q, func(rows *sql.Rows) error {
		return rows.Scan((*pq.StringArray)(&first), (*pq.StringArray)(&last))
	})
	if err != nil || first == nil {
		return nil, nil, false, err
	}
	if last == nil {
		return first, in.upto, false, nil
	}
	return first, last, !slices.Equal(last, in.upto), nil
}
