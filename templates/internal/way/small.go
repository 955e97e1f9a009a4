package way

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// SmallTable is what a direct file needs to know of the table that it locks.
type SmallTable struct {
	T     *catalog.Table
	Limit int64
	// Mode is the lock's.
	Mode string
	// First are tables that are locked before it, and Then those after it.
	First, Then []string
	// Also are further locks, as statements.
	Also []string
	// Views is what drops the views that go before the locks.
	Views string
	// Does is what happens under the lock, or "".
	Does string
	held int64
	seen bool
}

// Small is the head of a direct file.
func Small(in *task.Input, t *catalog.Table, w work, mode, does string) SmallTable {
	if t.HasChildren {
		in.Sayf("the tables that inherit from %s are locked with it, and are none of the size that is looked at", t.As)
	}
	return SmallTable{T: t, Limit: in.Limit, Mode: mode, Does: does, held: w.held(t), seen: in.DB != nil && !in.DB.Throwaway}
}

// Lasts is for how long the file holds its lock.
func (s SmallTable) Lasts() string {
	if s.seen {
		return fmt.Sprintf("some %d ms for the rows of the day on which it was written", s.held)
	}
	return "up to " + sqltext.Size(s.Limit) + " that is a matter of some 200 ms"
}

// Lock takes the table, and what comes before it.
func (s SmallTable) Lock() string {
	all := s.Views
	for _, t := range slices.Concat(s.First, []string{s.T.As}, s.Then) {
		all += "LOCK TABLE " + t + " IN " + s.Mode + " MODE;\n"
	}
	return strings.TrimSuffix(all+sqltext.Statements(s.Also), "\n")
}

// Bytes is the table's size with its indexes, as SQL.
func (s SmallTable) Bytes() string {
	if s.T.Partitioned {
		return "(SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(" + pgtext.Literal(s.T.As) + "))"
	}
	return "pg_total_relation_size(" + pgtext.Literal(s.T.As) + ")"
}

// Grown is what the file says of a table that is too big for it by then.
func (s SmallTable) Grown() string {
	return pgtext.Literal(strings.ReplaceAll(s.T.As, "%", "%%") + " has grown beyond " + sqltext.Size(s.Limit) + ": write this again with --set way=online")
}

// SayDirect reports what the direct way locks, and that nothing keeps old code right
// after it. It names the triggers that the file fires.
func SayDirect(ctx context.Context, in *task.Input, s SmallTable, column, after string) error {
	in.Sayf("locks: %s on %s until the file has committed; it refuses a table of more than %s", s.Mode, s.T.As, sqltext.Size(s.Limit))
	if after != "" {
		in.Sayf("%s", after)
	}
	if s.Mode != "ACCESS EXCLUSIVE" { // rows change, and no column is added
		return notice.Fired(ctx, in, s.T, column)
	}
	return mistake.FirstOf(notice.Fired(ctx, in, s.T, column), notice.Published(ctx, in, "a column", s.T.OID))
}
