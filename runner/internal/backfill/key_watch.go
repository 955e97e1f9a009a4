package backfill

import (
	"fmt"
	"strings"

	"rung/runner/internal/files"
	"rung/runner/internal/store"
)

// A trigger, a rule or a view may change the key where no statement of the
// batch says so. The first batches look at what became of their keys, and so do
// some of the later ones: those of which the number is a power of two.

// stateOwnKey is the SQLSTATE of a batch that has changed its key.
const stateOwnKey = "RUNGK"

const watchedKeys = 1000

// watched reports whether the next batch looks at its keys.
func (b *backfill) watched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.batches&(b.log.batches-1) == 0
}

// watch is the SQL before a batch's statements, and behind them: a cursor sees
// its keys as they were.
func (b *backfill) watch(t *turn) (before, after string) {
	if !b.watched() || b.x.Cluster.On { // the shards' rows have the workers' transactions
		return "", ""
	}
	k := b.walk
	var named, keys string
	for i, c := range k.columns {
		named += fmt.Sprintf("%s AS k%d, ", c, i+1)
		keys += fmt.Sprintf(", rung_row.k%d", i+1)
	}
	columns, row := k.columns[0], keys[2:]
	if len(k.columns) > 1 {
		columns, row = "("+k.list()+")", "("+keys[2:]+")"
	}
	v := store.Values{
		"table": store.Fragment(k.table), "qualified": k.qualified, "named": store.Fragment(named), "columns": store.Fragment(k.list()),
		"range": store.Fragment(k.in(t.span)), "most": watchedKeys,
		"same": store.Fragment(fmt.Sprintf("%s %s %s AND %s %s %s", columns, k.by.Upfrom, row, columns, k.by.Upto, row)),
	}
	v["deleted"] = store.Fragment(k.book.SQL("key_deleted", v))
	return k.book.SQL("key_before", v), k.book.SQL("key_after", v)
}

// OwnKey is a batch that changes the key that it goes along.
func OwnKey(table string, columns []string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("the batch changes its own key, (%s) of %s, so rows would be processed twice or skipped", strings.Join(columns, ", "), table),
		Fix:  "use a key column that the batch does not change",
	}
}
