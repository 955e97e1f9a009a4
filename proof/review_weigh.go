package proof

import "context"

// weigh gives the findings the sizes of the live database.
func (v *review) weigh(ctx context.Context, found []*ReviewFinding) error {
	if v.live != nil {
		relations, err := v.live.relations(ctx, v.asked(found))
		if err != nil {
			return err
		}
		for _, f := range found {
			f.weighBy(relations)
			if err := v.expect(ctx, f); err != nil {
				return err
			}
		}
		for _, oid := range sortedOIDs(relations) {
			v.report.Relations = append(v.report.Relations, relations[oid])
		}
	}
	for _, f := range found {
		if v.live == nil && len(f.guards) > 0 {
			f.weighBy(nil)
		}
		if s, ok := v.Severities[f.ID]; ok {
			f.Severity = s
		}
	}
	return nil
}

// expect asks the live planner of a statement that goes through a whole table.
func (v *review) expect(ctx context.Context, f *ReviewFinding) (err error) {
	if f.Rows == nil || f.statement.batch || f.ID != "update-whole-table" && f.ID != "add-then-backfill" {
		return nil
	}
	f.ExpectedRows, err = v.live.expected(ctx, f.statement.SQL, f.weight[0])
	return err
}

// asked are the relations that the live database is asked about: those of the
// findings, and those that are locked.
func (v *review) asked(found []*ReviewFinding) map[int64]*relation {
	asked := map[int64]*relation{}
	for _, f := range found {
		for _, r := range f.weight {
			asked[r.OID] = r
		}
	}
	for _, s := range v.report.Statements {
		for _, l := range s.Locks {
			if r := v.known[l.oid]; r != nil && r.isTable() {
				asked[r.OID] = r
			}
		}
	}
	return asked
}

// The bounds of sizes: a finding of small tables is a notice, a warning of large
// or busy ones a danger.
const (
	smallRows, smallBytes = 10_000, 10 << 20
	largeRows, largeBytes = 1_000_000, 1 << 30
	busyWrites            = 100 // rows a second
)

// weighBy sets the severity by the largest of the relations that it is about, or by the
// size up to which a guard lets the file go on.
func (f *ReviewFinding) weighBy(live map[int64]*LiveRelation) {
	if len(f.weight) == 0 || f.silent {
		return
	}
	if r := live[f.weight[0].OID]; r != nil {
		f.Rows, f.Bytes, f.WritesPerSecond, f.ScansPerSecond, f.users = &r.Rows, &r.Bytes, r.WritesPerSecond, r.ScansPerSecond, r.Statements
	}
	if !f.record.Weighs {
		return
	}
	small, large := true, false
	for _, w := range f.weight {
		r := live[w.OID]
		// A table that outgrows its guard's limit ends the transaction. One that has done so
		// weighs what it weighs: the file does not run there.
		g, guarded := f.guards[w.OID]
		guarded = guarded && (r == nil || r.Bytes <= g.limit)
		small = small && (guarded && g.limit <= smallBytes || r != nil && r.Rows < smallRows && r.Bytes < smallBytes)
		large = large || !(guarded && g.limit <= largeBytes) && r != nil && (r.Rows > largeRows || r.Bytes > largeBytes || r.WritesPerSecond != nil && *r.WritesPerSecond > busyWrites)
	}
	switch {
	case small && f.Severity.atLeast(Warning):
		f.Severity = Notice
	case large && f.Severity == Warning:
		f.Severity = Danger
	}
}
