package plan

import (
	"slices"
	"time"

	"rung/runner/internal/files"
)

// State is what the history says of a version.
type State string

// A version without a row is not applied.
const (
	Applying   State = "applying"   // in part: some steps of its up file ran
	Background State = "background" // in place but for its background backfill, which is registered
	Applied    State = "applied"    // in place
	Reverting  State = "reverting"  // in part: some steps of its down file ran
)

// Applied is the history's row of one version.
type AppliedRow struct {
	Version      files.Version
	Name         string
	State        State
	UpChecksum   string
	DownChecksum *string // nil: there was no down file
	HasUpSQL     bool    // false over 1 MiB
	HasDownSQL   bool
	AppliedBy    string
	AppliedAt    time.Time
	Duration     time.Duration // 0 while in part
	Run          string
	RungVersion  string
	PlanHash     *string
	AdoptedFrom  *string
}

// StepRow is the checkpoint of one step.
type StepRow struct {
	Checksum string
	State    string // started, failed, done
	// Batches is the number of committed ones, and BatchKey what they are
	// over, of a batched step that is not done.
	Batches  int
	BatchKey string
}

// Record is what the database says has run.
type Record struct {
	// Exists is false before the first up.
	Exists bool
	// Format is the version of the tables.
	Format int
	// Rows are in order of version.
	Rows    []AppliedRow
	Columns int // how many the history tables have
	// Steps are the checkpoints of versions that are in place in part.
	Steps map[StepKey]StepRow
	// UpSQL has the recorded up files that stopped in a batch.
	UpSQL map[files.Version]string
	// Digest stands for all versions of a scope that are in place, "" for none.
	Digest string
	// Expects is set where this was read of another scope that had the same: it is the
	// Digest that the scope's own must still have when its first file begins.
	Expects *string
}

// Settled reports whether no version is in place in part.
func (r *Record) Settled() bool {
	return len(r.Steps) == 0 && !slices.ContainsFunc(r.Rows, func(a AppliedRow) bool { return a.State != Applied })
}

type StepKey struct {
	Version   files.Version
	Direction files.Direction
	Step      int
}

// Find returns the row of that version, or nil.
func (r *Record) Find(v files.Version) *AppliedRow {
	i, ok := slices.BinarySearchFunc(r.Rows, v, func(a AppliedRow, v files.Version) int { return a.Version.Compare(v) })
	if !ok {
		return nil
	}
	return &r.Rows[i]
}

// HoldsDown reports whether the history has the down SQL of a version.
func (r *Record) HoldsDown(v files.Version) bool {
	row := r.Find(v)
	return row != nil && row.HasDownSQL
}
