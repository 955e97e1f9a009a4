package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/english"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// keyIdentity reports whether the keys recorded still mean what they meant when
// the step began: an order of another type, collation or collation version is
// another order, and another table or column has other rows.
type keyIdentity struct {
	types []string // of each column, with collation and version
	// ids are the oid of the key's table and the numbers of its columns; on
	// record behind the oid of rung's own table, which tells a restored copy.
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

// sameKey refuses a key that is not the one which the batch log counts by.
func (w *worker) sameKey(run plan.StepRun, walk *keyWalk, l *ledger) error {
	if l.key != "" && l.key != walk.name() {
		return w.badKey(run, Problem{
			What: fmt.Sprintf("%s of it ran over %s, and now its key is %s", english.Count(l.batches, "batch"), l.key, walk.name()),
			Fix:  "restore the key, or revert the migration with `rung down` first",
		})
	}
	if what := l.identity.changed(walk.identity, l.copied); what != "" {
		return w.badKey(run, Problem{
			What: fmt.Sprintf("%s of it committed over %s: %s", english.Count(l.batches, "batch"), walk.name(), what),
			Fix:  "committed batches stay; restore the key, or revert the migration with `rung down` and apply it again",
		})
	}
	return nil
}

// ids as the history keeps them.
func (i keyIdentity) array() store.Fragment {
	all := []string{"tableoid::pg_catalog.int8"}
	for _, id := range i.ids {
		all = append(all, fmt.Sprint(id))
	}
	return store.Fragment("ARRAY[" + strings.Join(all, ", ") + "]::pg_catalog.oid[]")
}

// scanIdentity takes in what the history has: nothing, or the ids behind the oid
// that rung's own table had then, and the one that it has now.
func (l *ledger) scanIdentity(types pq.StringArray, ids pq.Int64Array, own int64) {
	if len(ids) < 2 {
		return
	}
	l.identity = keyIdentity{types: types, ids: ids[1:]}
	l.copied = ids[0] != own
}
