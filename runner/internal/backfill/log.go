package backfill

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/runner/internal/exec"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// batchLog is what the history has of a batched step.
type batchLog struct {
	upper    store.Key // nil: not noted yet, or an empty table
	noted    bool
	key      string // what the batches ran over; "" for not known
	estimate int64
	keys     int64
	rows     int64
	batches  int
	// identity is what the key was, and copied whether the history was restored
	// from a dump since.
	identity keyIdentity
	copied   bool
	// lastOf leads from the key that a batch starts above to its last key.
	lastOf map[string]store.Key
	// starts are the keys that batches start above.
	starts []store.Key
}

// readLog reads the batches of a step that are committed.
func readLog(ctx context.Context, x *exec.Session, run plan.StepRun) (*batchLog, error) {
	l := &batchLog{lastOf: map[string]store.Key{}}
	v := x.History.Values(run)
	v["step"], v["identity"] = run.StoredStep(run.Index), store.Fragment("s.key_types, s.key_ids")
	if x.History.Rec.Format < store.FormatOfIdentity {
		v["identity"] = store.Fragment("NULL::pg_catalog.text[], NULL::pg_catalog.oid[]")
	}
	rows, err := x.Conn.Conn.QueryContext(ctx, x.History.SQL("batch_log", v))
	if err != nil {
		return nil, err
	}
	err = l.scan(rows)
	return l, errors.Join(err, rows.Close())
}

func (l *batchLog) scan(rows *sql.Rows) error {
	for rows.Next() {
		var types pq.StringArray
		var ids pq.Int64Array
		var own int64
		if err := rows.Scan((*pq.StringArray)(&l.upper), &l.estimate, &l.key, &types, &ids, &own); err != nil {
			return err
		}
		l.scanIdentity(types, ids, own)
		l.noted = l.upper != nil
	}
	rows.NextResultSet()
	for rows.Next() {
		var after, last store.Key
		var keys, changed int64
		if err := rows.Scan((*pq.StringArray)(&after), (*pq.StringArray)(&last), &keys, &changed); err != nil {
			return err
		}
		l.lastOf[after.Array()] = last
		l.starts = append(l.starts, after)
		l.keys, l.rows, l.batches = l.keys+keys, l.rows+changed, l.batches+1
	}
	return rows.Err()
}

// follow goes from a key along the committed batches as far as they join up.
func (l *batchLog) follow(from store.Key) store.Key {
	for {
		last, ok := l.lastOf[from.Array()]
		if !ok {
			return from
		}
		from = last
	}
}

// heads are the starts that no batch leads up to: behind each hole that a
// crash of several workers left, one.
func (l *batchLog) heads() []store.Key {
	led := map[string]bool{store.Key{}.Array(): true}
	for _, last := range l.lastOf {
		led[last.Array()] = true
	}
	return slices.DeleteFunc(slices.Clone(l.starts), func(k store.Key) bool { return led[k.Array()] })
}

// remaining lists the spans that are still to do, in order of the key: the
// holes first, and last what no batch has come to.
func (k *Walk) remaining(ctx context.Context, x *exec.Session, l *batchLog) ([]Span, error) {
	heads, err := k.sortKeys(ctx, x, l.heads())
	if err != nil {
		return nil, err
	}
	var todo []Span
	at := l.follow(store.Key{})
	for _, h := range heads {
		todo = append(todo, Span{at, h})
		at = l.follow(h)
	}
	if !slices.Equal(at, l.upper) {
		todo = append(todo, Span{at, l.upper})
	}
	return todo, nil
}

// sortKeys lets the server order keys, as it alone knows how.
// The table stands in the query so that its columns give theirs collations.
func (k *Walk) sortKeys(ctx context.Context, x *exec.Session, keys []store.Key) (sorted []store.Key, err error) {
	if len(keys) < 2 {
		return keys, nil
	}
	var all strings.Builder
	for _, one := range keys {
		all.WriteString("\nUNION ALL SELECT " + pgtext.Literal(one.Array()) + "::pg_catalog.text[], " + strings.Join(k.Literals(one), ", "))
	}
	names := []string{"a", "b"}[:len(k.columns)]
	v := store.Values{"keys": store.Fragment(all.String()), "names": store.Fragment(strings.Join(names, ", "))}
	err = k.ask(ctx, x, k.sql("sort_keys", v), func(rows *sql.Rows) error {
		var one store.Key
		err := rows.Scan((*pq.StringArray)(&one))
		sorted = append(sorted, one)
		return err
	})
	return sorted, err
}

// scanIdentity takes in what the history has: nothing, or the ids behind the oid
// that rung's own table had then, and the one that it has now.
func (l *batchLog) scanIdentity(types pq.StringArray, ids pq.Int64Array, own int64) {
	if len(ids) < 2 {
		return
	}
	l.identity = keyIdentity{types: types, ids: ids[1:]}
	l.copied = ids[0] != own
}
