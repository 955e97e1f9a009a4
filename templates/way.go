package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
)

// A data template has two ways. The direct one is one pair, one transaction and one
// lock for as long as all of it takes: right where that is a moment. The online one
// is several pairs, batches and triggers, and holds no lock for long. Which of the
// two is right is a matter of how long the lock would be held, and so of the size
// of a table that only a database in use can tell.

// work is what a direct file does to a table under its lock: how many rows a second
// that is, and up to which size of the table, with its indexes, the file itself lets
// it begin. Measured on small, busy machines, over rows of 150 bytes with four indexes.
type work struct{ rate, bytes int64 }

var (
	scans    = work{2_500_000, 100 << 20}
	rewrites = work{60_000, 10 << 20}
	updates  = work{45_000, 10 << 20}
	splits   = work{9_000, 2 << 20}
)

// atMost is for how long the programs of a table in use may wait, in milliseconds, and
// atRest the same for a table that hardly anybody asks for anything.
const atMost, atRest = 200, 1000

// way reports whether the direct way is to be written, by the parameter way or by
// how long the lock would be held; and it says which one it is, and why.
func (in *Input) way(ctx context.Context, t *Table, w work) (direct bool, err error) {
	given, err := in.oneOf("way", "", "direct", "online")
	if err != nil {
		return false, err
	}
	in.limit = w.bytes
	switch {
	case given != "":
		if in.DB != nil && !in.DB.Throwaway { // who has seen the size, and wants it, gets it
			in.limit = max(w.bytes, 2*t.Bytes)
		}
		return given == "direct", nil
	case in.DB == nil || in.DB.Throwaway:
		in.Sayf("the online way, since nobody has seen how big %s is in use; where it is small, --set way=direct is one short transaction: --database-url looks and chooses", t.As)
		return false, nil
	}
	uses, err := in.traffic(ctx, t)
	if err != nil {
		return false, err
	}
	held, most := w.held(t), int64(atMost)
	if uses < 1 {
		most = atRest
	}
	other, why := "online", "at most"
	if direct = held <= most; !direct {
		other, why = "direct", "more than"
	}
	in.Sayf("%s: %s, %s, used %s: one transaction would hold its lock for some %d ms, %s the %d ms that programs should wait; so the %s way. The other one is --set way=%s",
		t.As, in.about(t.Rows), size(t.Bytes), often(uses), held, why, most, map[bool]string{true: "direct", false: "online"}[direct], other)
	return direct, nil
}

// held is for how long a direct file would hold its lock, in milliseconds. Where
// nobody has counted the rows, it goes by the size.
func (w work) held(t *Table) int64 {
	rows := t.Rows
	if rows < 0 {
		rows = t.Bytes / 150
	}
	return max(1, 1000*rows/w.rate)
}

// traffic is how often a second a table, with its partitions, was read or written
// since the server began to count.
func (in *Input) traffic(ctx context.Context, t *Table) (perSecond float64, err error) {
	err = in.DB.queryRow(ctx, enumSQL("traffic"), t.OID).Scan(&perSecond)
	if err != nil {
		return 0, fmt.Errorf("ask how often %s is used: %w", t.As, err)
	}
	return perSecond, nil
}

func often(perSecond float64) string {
	if perSecond < 1 {
		return "less than once a second"
	}
	return fmt.Sprintf("about %.0f times a second", perSecond)
}

// smallTable is what a direct file needs to know of the table that it locks.
type smallTable struct {
	T     *Table
	Limit int64
	// Mode is the lock's, and Lets says whom that lets through.
	Mode string
	// First are tables that are locked before it, and Then those after it.
	First, Then []string
	// Also are further locks, as statements.
	Also []string
	// Views is what drops the views that go before the locks.
	Views string
	// Does is what happens under the lock, for the file's first comment.
	Does string
	held int64
	seen bool
}

// small is the head of a direct file. It says what is locked, too.
func (in *Input) small(t *Table, w work, mode, does string) smallTable {
	if t.HasChildren {
		in.Sayf("the tables that inherit from %s are locked with it, and are none of the size that is looked at", t.As)
	}
	return smallTable{T: t, Limit: in.limit, Mode: mode, Does: does, held: w.held(t), seen: in.DB != nil && !in.DB.Throwaway}
}

// Comment says what the file locks, and for how long.
func (s smallTable) Comment() string {
	who := "Nobody reads or writes " + s.T.As
	if s.Mode == "SHARE ROW EXCLUSIVE" {
		who = "Nobody writes " + s.T.As + ", and reads continue,"
	}
	about := "up to " + size(s.Limit) + " that is a matter of some 200 ms"
	if s.seen {
		about = fmt.Sprintf("some %d ms for the rows of the day on which it was written", s.held)
	}
	return commented("One transaction. " + who + " until it has committed: " + about + ". " + s.Does)
}

// commented breaks a text into comment lines.
func commented(text string) string {
	var b strings.Builder
	line := "--"
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+1+len([]rune(word)) > 88 {
			b.WriteString(line + "\n")
			line = "--"
		}
		line += " " + word
	}
	return b.String() + line
}

// Lock takes the table, and what comes before it.
func (s smallTable) Lock() string {
	all := s.Views
	for _, t := range slices.Concat(s.First, []string{s.T.As}, s.Then) {
		all += "LOCK TABLE " + t + " IN " + s.Mode + " MODE;\n"
	}
	return strings.TrimSuffix(all+statements(s.Also), "\n")
}

// Bytes is the table's size with its indexes, as SQL.
func (s smallTable) Bytes() string {
	if s.T.Partitioned {
		return "(SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(" + pgtext.Literal(s.T.As) + "))"
	}
	return "pg_total_relation_size(" + pgtext.Literal(s.T.As) + ")"
}

// Grown is what the file says of a table that is too big for it by then.
func (s smallTable) Grown() string {
	return pgtext.Literal(strings.ReplaceAll(s.T.As, "%", "%%") + " has grown beyond " + size(s.Limit) + ": write this again with --set way=online")
}

// sayDirect reports what the direct way locks, and that nothing keeps old code right
// after it. It names the triggers that the file fires.
func (in *Input) sayDirect(ctx context.Context, s smallTable, column, after string) error {
	in.Sayf("locks: %s on %s until the file has committed; it refuses a table of more than %s", s.Mode, s.T.As, size(s.Limit))
	if after != "" {
		in.Sayf("%s", after)
	}
	return firstOf(in.sayFired(ctx, s.T, column), in.sayPublished(ctx, "a column", s.T.OID))
}
