package dependents

import (
	"slices"
	"strings"

	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// Lock is tables that a file locks for the rest of its transaction, after dropping the
// views that can go first. Who blocks it for longer than 200 ms is not waited for: that
// is sooner than PostgreSQL looks for a deadlock, so that it is never a program's
// statement that fails of one. The runner tries again.
type Lock struct {
	Tables    []string
	DropViews string
}

// Together is the lock of tables, and the drop of their views.
func Together(tables []string, views []Piece) *Lock {
	return &Lock{tables, strings.TrimSpace(Drops(views))}
}

// ViewsFirst are the pieces that can go before the tables are locked: whoever reads
// a view holds it while it waits for the table, so the view comes first, or the
// two would wait for each other.
func ViewsFirst(pieces []Piece) (views, others []Piece) {
	for _, p := range pieces {
		if name, is := strings.CutPrefix(p.What, "view "); is && !named(pieces, name) {
			views = append(views, p)
		} else {
			others = append(others, p)
		}
	}
	if len(views) > 0 && slices.ContainsFunc(others, func(p Piece) bool { return strings.Contains(p.What, "view ") }) {
		return nil, pieces // one that must wait may stand on another
	}
	return views, others
}

// named reports whether a rule, policy or trigger of a table reads a view.
func named(pieces []Piece, view string) bool {
	return slices.ContainsFunc(pieces, func(p Piece) bool {
		return len(p.Drop) > 0 && !strings.HasPrefix(p.What, "view ") && strings.Contains(strings.Join(p.Make, "\n"), view)
	})
}

func Drops(pieces []Piece) string {
	var all []string
	for _, p := range sqltext.Reversed(pieces) {
		all = append(all, p.Drop...)
	}
	return sqltext.Statements(all)
}

// Moment is a transaction that holds a strong lock for as long as a change of the
// catalog takes. An autovacuum yields to the first lock, and nobody else has to.
// The others are given up after 200 ms, sooner than PostgreSQL looks for a deadlock,
// so that no program's statement fails of one; the runner tries again.
func Moment(mode string, tables []string, views []Piece, all ...string) string {
	text := "BEGIN;\n\nSET LOCAL lock_timeout = '5s';\n\n" + sqltext.Ahead(tables...) + "\n\nSET LOCAL lock_timeout = '200ms';\n\n"
	if drop := Drops(views); drop != "" {
		text += "-- Views first: whoever reads one holds it while it waits for the table.\n" + drop + "\n"
	}
	for _, t := range tables {
		text += "LOCK TABLE " + t + " IN " + mode + " MODE;\n"
	}
	var some []string
	for _, s := range all {
		if s != "" {
			some = append(some, strings.TrimSpace(s)+";")
		}
	}
	return text + "\n" + strings.Join(some, "\n\n") + "\n\nCOMMIT;\n\n"
}

// SayRemade says what views lose that are made again after a throwaway server.
func SayRemade(in *task.Input, pieces []Piece) {
	view := func(p Piece) bool {
		return strings.HasPrefix(p.What, "view ") || strings.HasPrefix(p.What, "materialized view ")
	}
	if in.DB.Throwaway && slices.ContainsFunc(pieces, view) {
		in.Sayf("the views come back with the owner and grants that the directory gives them: where more was done by hand, --database-url looks at it")
	}
}
