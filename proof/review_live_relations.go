package proof

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"rung/internal/citus"
	"rung/internal/pgtext"
)

//go:embed sql/observe_live.sql
var observeLiveSQL string

//go:embed sql/live_traffic.sql
var liveTrafficSQL string

// LiveRelation is what the live database says of a relation that the pending
// files lock.
type LiveRelation struct {
	Relation string `json:"relation"`
	// Rows are estimated, as PostgreSQL does; Bytes are those of indexes and
	// TOAST too. Partitions count for their table.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	// WritesPerSecond are rows written, ScansPerSecond scans of the table or an
	// index of it, while the review ran; nil where the server does not count them.
	WritesPerSecond *float64 `json:"writes_per_second"`
	ScansPerSecond  *float64 `json:"scans_per_second"`
	// Statements are those that name it and are called most, where
	// pg_stat_statements is installed.
	Statements []LiveStatement `json:"statements,omitempty"`
}

// traffic is one sample of the statistics counters.
type traffic struct {
	at     float64   // seconds, by the server's clock
	taken  time.Time // by this machine's
	tables map[int64]tableTraffic
}

type tableTraffic struct{ writes, scans int64 }

// between is the least time between two samples: a busy session tells the
// counters of what it did once a second.
const between = 2 * time.Second

// samples are those of one database's counters.
type samples struct {
	mu  sync.Mutex
	all []*traffic
}

// atLeast takes samples until there are n, some time after each other.
func (s *samples) atLeast(ctx context.Context, n int, read func(context.Context) (*traffic, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.all) < n {
		if i := len(s.all); i > 0 {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(between - time.Since(s.all[i-1].taken)):
			}
		}
		t, err := read(ctx)
		if err != nil {
			return err
		}
		s.all = append(s.all, t)
	}
	return nil
}

// traffic reads the counters of all tables.
func (l *liveDatabase) traffic(ctx context.Context) (*traffic, error) {
	t := &traffic{taken: time.Now(), tables: map[int64]tableTraffic{}}
	err := l.read(ctx, func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, liveTrafficSQL)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var oid int64
			var one tableTraffic
			if err := rows.Scan(&t.at, &oid, &one.writes, &one.scans); err != nil {
				return err
			}
			t.tables[oid] = one
		}
		return rows.Err()
	})
	return t, err
}

// relations are those that are there, by their oids on the scratch server.
func (l *liveDatabase) relations(ctx context.Context, asked map[int64]*relation) (map[int64]*LiveRelation, error) {
	all := map[int64]*LiveRelation{}
	if len(asked) == 0 {
		return all, nil
	}
	members := map[int64][]int64{}
	if err := l.sizes(ctx, asked, all, members); err != nil {
		return all, err
	}
	if err := l.statements(ctx, asked, all); err != nil || !l.counts {
		return all, err
	}
	if err := l.samples.atLeast(ctx, 3, l.traffic); err != nil {
		return all, err
	}
	for oid, r := range all {
		writes, scans := l.rates(members[oid])
		if r.ScansPerSecond = scans; !l.standby { // a standby counts its own reads alone
			r.WritesPerSecond = writes
		}
	}
	return all, nil
}

// rates are what happens in some tables in a second, by the quieter of the times
// between the samples: an idle session tells what it did up to ten seconds later,
// on 14 and before whenever it next does something, and that is none of now.
func (l *liveDatabase) rates(oids []int64) (writes, scans *float64) {
	for i := range len(l.samples.all) - 1 {
		w, s := l.samples.all[i+1].since(l.samples.all[i], oids)
		if w == nil {
			return nil, nil
		}
		if i == 0 {
			writes, scans = w, s
		}
		*writes, *scans = min(*writes, *w), min(*scans, *s)
	}
	return writes, scans
}

// since are the rates of some tables from an earlier sample on; nil where the
// counters were reset meanwhile.
func (t *traffic) since(first *traffic, oids []int64) (writes, scans *float64) {
	seconds := t.at - first.at
	if seconds <= 0 {
		return nil, nil
	}
	var w, s int64
	for _, oid := range oids {
		is, was := t.tables[oid], first.tables[oid]
		if is.writes < was.writes || is.scans < was.scans {
			return nil, nil
		}
		w, s = w+is.writes-was.writes, s+is.scans-was.scans
	}
	rate := func(n int64) *float64 { r := float64(n) / seconds; return &r }
	return rate(w), rate(s)
}

// sizes fills in the relations that are there, and the oids that they consist of.
func (l *liveDatabase) sizes(ctx context.Context, asked map[int64]*relation, all map[int64]*LiveRelation, members map[int64][]int64) error {
	var oids, tables, schemas []string
	for _, oid := range sortedOIDs(asked) {
		oids = append(oids, strconv.FormatInt(oid, 10))
		tables, schemas = append(tables, pgtext.Literal(asked[oid].Name)), append(schemas, pgtext.Literal(l.schemaOf(asked[oid])))
	}
	text := strings.NewReplacer("OIDS", strings.Join(oids, ", "), "TABLES", strings.Join(tables, ", "), "SCHEMAS", strings.Join(schemas, ", ")).Replace(observeLiveSQL)
	return l.read(ctx, func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, text)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var oid int64
			var of pq.Int64Array
			r := &LiveRelation{}
			if err := rows.Scan(&oid, &r.Rows, &r.Bytes, &of); err != nil {
				return err
			}
			r.Relation = asked[oid].full()
			all[oid], members[oid] = r, of
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		return onAllNodes(ctx, conn, all, members)
	})
}

// onAllNodes puts the sizes that tables of a Citus cluster have on all its nodes in the
// place of those of the coordinator.
func onAllNodes(ctx context.Context, conn *sql.Conn, all map[int64]*LiveRelation, members map[int64][]int64) error {
	var parts []int64
	for _, of := range members {
		parts = append(parts, of...)
	}
	sizes, err := citus.Sizes(ctx, conn, parts)
	if err != nil || len(sizes) == 0 {
		return err
	}
	for oid, r := range all {
		var whole citus.Size
		for _, part := range members[oid] {
			whole.Rows, whole.Bytes = whole.Rows+max(sizes[part].Rows, 0), whole.Bytes+sizes[part].Bytes
		}
		if whole.Bytes > 0 {
			r.Rows, r.Bytes = whole.Rows, whole.Bytes
		}
	}
	return nil
}
