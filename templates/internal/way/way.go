// Package way chooses between the direct and the online way of a template.
package way

import (
	"context"
	"fmt"

	"rung/templates/internal/catalog"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// A data template has two ways. The direct one is one pair, one transaction and one
// lock for as long as all of it takes: right where that is a moment. The online one
// is several pairs, batches and triggers, and holds no lock for long. Which of the
// two is right is a matter of how long the lock would be held, and so of the size
// of a table that only a database in use can tell.

// work is what a direct file does to a table under its lock: how many rows a second
// that is, and up to which size of the table, with its indexes, the file itself lets
// it begin. Measured on small, busy machines, over rows of 150 bytes with four indexes.
type work struct{ rate, Bytes int64 }

var (
	Scans    = work{2_500_000, 100 << 20}
	Rewrites = work{60_000, 10 << 20}
	Updates  = work{45_000, 10 << 20}
	Splits   = work{9_000, 2 << 20}
)

// atMost is for how long the programs of a table in use may wait, in milliseconds, and
// atRest the same for a table that hardly anybody asks for anything.
const atMost, atRest = 200, 1000

// Choose reports whether the direct way is to be written, by the parameter way or by
// how long the lock would be held; and it says which one it is, and why.
func Choose(ctx context.Context, in *task.Input, t *catalog.Table, w work) (direct bool, err error) {
	given, err := in.OneOf("way", "", "direct", "online")
	if err != nil {
		return false, err
	}
	in.Limit = w.Bytes
	switch {
	case given != "":
		if in.DB != nil && !in.DB.Throwaway { // who has seen the size, and wants it, gets it
			in.Limit = max(w.Bytes, 2*t.Bytes)
		}
		return given == "direct", nil
	case in.DB == nil || in.DB.Throwaway:
		in.Sayf("way=online, because the size of %s in production is not known; --database-url reads it and chooses, or --set way=direct does it in one transaction, for a small table", t.As)
		return false, nil
	}
	uses, err := traffic(ctx, in, t)
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
	in.Sayf("%s: %s, %s, used %s: one transaction would hold its lock for some %d ms, %s the %d ms that programs should wait, so way=%s; --set way=%s writes the other",
		t.As, in.About(t.Rows), sqltext.Size(t.Bytes), often(uses), held, why, most, map[bool]string{true: "direct", false: "online"}[direct], other)
	return direct, nil
}

// held is for how long a direct file would hold its lock, in milliseconds. Where
// nobody has counted the rows, it goes by the size.
func (w work) held(t *catalog.Table) int64 {
	rows := t.Rows
	if rows < 0 {
		rows = t.Bytes / 150
	}
	return max(1, 1000*rows/w.rate)
}

// traffic is how often a second a table, with its partitions, was read or written
// since the server began to count.
func traffic(ctx context.Context, in *task.Input, t *catalog.Table) (perSecond float64, err error) {
	err = in.DB.QueryRow(ctx, catalog.SQL("traffic"), t.OID).Scan(&perSecond)
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

// Big is from where on a rewrite under ACCESS EXCLUSIVE is no longer a matter
// of a second or two.
const Big = 512 << 20
