package runner

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/english"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// BehindError says that the server which answers after a lost connection lacks
// what this run has done: a replica took over that had not received it.
type BehindError struct {
	// Lost are what was reported as done and is not there.
	Lost []string
	// Standing is the one line that says what is there.
	Standing string
}

func (e *BehindError) Error() string {
	return fmt.Sprintf("the connection was lost, and the server that answers now has another history: %s, reported as done before, %s missing",
		strings.Join(e.Lost, ", "), english.IsOrAre(len(e.Lost)))
}

// Hint is what the user can do.
func (e *BehindError) Hint() string {
	return "a replica took over before it had received them, as asynchronous replication allows, or the address leads to another server: `rung status` shows what it has, and `rung up` runs what it lacks"
}

// behind compares what this run has done before the step with what the server's
// history says now, or returns nil: all of it is there, or nobody can tell.
func (k *outcomes) behind(ctx context.Context, run plan.StepRun) error {
	if len(k.report.Done) == 0 && run.Index == 0 || !k.session.Conn.Alive() {
		return nil
	}
	rec, err := k.session.History.ReadRecord(ctx, k.session.Conn, store.AtGlance)
	if err != nil {
		return nil //nolint:nilerr // what failed first is said
	}
	e := &BehindError{}
	var there []Done
	for _, d := range k.report.Done {
		row := rec.Find(d.Version)
		if (d.Direction == files.Up) == (row != nil && row.State == plan.Applied) || d.Version == run.Version { // a redo: the history speaks of the way up
			there = append(there, d)
			continue
		}
		e.Lost = append(e.Lost, d.Title)
		k.report.Lost = append(k.report.Lost, d)
	}
	k.report.Done = there
	row := rec.Find(run.Version)
	done := plan.DoneSteps(rec, run.Version, run.Direction)
	whole := run.Direction == files.Up && row != nil && row.State == plan.Applied || run.Direction == files.Down && row == nil
	if done < run.Index && !whole {
		e.Lost = append(e.Lost, fmt.Sprintf("step %d of %s", run.Index, k.title(run.Action)))
	}
	if len(e.Lost) == 0 {
		return nil
	}
	k.session.History.Rec = rec
	e.Standing = "it has no migration"
	if len(rec.Rows) > 0 {
		last := rec.Rows[len(rec.Rows)-1]
		e.Standing = fmt.Sprintf("it has %s, the newest is %s (%s)", english.Count(len(rec.Rows), "migration"), k.dir.Title(last.Version, last.Name), last.State)
	}
	return e
}
