package templates

import (
	"context"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// mustOwn refuses relations that the role may not alter: the file would stop at the
// first of them, in the middle. Tables are names as a capture has them.
func (in *Input) mustOwn(ctx context.Context, tables []string, views []int64) error {
	foreign, err := in.DB.strings(ctx, enumSQL("foreign"), pq.Array(tables), pq.Array(views))
	if err != nil || len(foreign) == 0 {
		return err
	}
	return &Mistake{"this role does not own " + strings.Join(foreign, ", "), "connect as a role that is a member of these owners, or use --role"}
}

// ahead is a lock that an autovacuum gives way to, which neither keeps readers
// and writers out nor waits for them. Before one that does, it spares them the wait
// for the autovacuum.
func ahead(tables ...string) string {
	return "LOCK TABLE " + strings.Join(tables, ",\n           ") + "\n        IN SHARE UPDATE EXCLUSIVE MODE;"
}

func exclusive(tables []string) string {
	return "LOCK TABLE " + strings.Join(tables, ",\n           ") + "\n        IN ACCESS EXCLUSIVE MODE;"
}

// together locks tables for the rest of a transaction, after dropping the views
// that can go first. Who is in the way for longer than 200 ms is not waited for: that
// is sooner than PostgreSQL looks for a deadlock, so that it is never a program's
// statement that fails of one. The runner tries again.
func together(tables []string, views []piece) string {
	all := "SET LOCAL lock_timeout = '5s';\n\n" +
		"-- PostgreSQL cancels an autovacuum for this lock; nobody else waits for it.\n" + ahead(tables...) + "\n\n" +
		"-- Shorter than deadlock_timeout: no reader or writer fails of a deadlock. If another\n" +
		"-- session blocks this for longer, rung rolls back and retries all of it.\n" +
		"SET LOCAL lock_timeout = '200ms';\n\n"
	if drop := strings.TrimSpace(drops(views)); drop != "" {
		all += "-- Views first: whoever reads one holds it while it waits for the tables.\n" + drop + "\n\n"
	}
	return all + exclusive(tables)
}

// viewsFirst are the pieces that can go before the tables are locked: whoever reads
// a view holds it while it waits for the table, so the view comes first, or the
// two would wait for each other.
func viewsFirst(pieces []piece) (views, others []piece) {
	for _, p := range pieces {
		if name, is := strings.CutPrefix(p.What, "view "); is && !named(pieces, name) {
			views = append(views, p)
		} else {
			others = append(others, p)
		}
	}
	if len(views) > 0 && slices.ContainsFunc(others, func(p piece) bool { return strings.Contains(p.What, "view ") }) {
		return nil, pieces // one that must wait may stand on another
	}
	return views, others
}

// named reports whether a rule, policy or trigger of a table reads a view.
func named(pieces []piece, view string) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool {
		return len(p.Drop) > 0 && !strings.HasPrefix(p.What, "view ") && strings.Contains(strings.Join(p.Make, "\n"), view)
	})
}

func drops(pieces []piece) string {
	var all []string
	for _, p := range reversed(pieces) {
		all = append(all, p.Drop...)
	}
	return statements(all)
}
