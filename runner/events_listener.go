package runner

import (
	"time"

	"github.com/lib/pq"

	"rung/runner/internal/backfill"
	"rung/runner/internal/lock"
)

// asEvents makes events of what the packages below say.
type asEvents struct{ emit func(Event) }

func (t asEvents) Blocked(waits lock.Task, by []lock.Blocker, dead bool) {
	t.emit(Blocked{Version: waits.Version, File: waits.Script.Path, Line: waits.Line(), Part: waits.Part(), Dead: dead, Blockers: by})
}

func (t asEvents) Working(l lock.Life) {
	t.emit(Working{
		Direction: l.Direction, Version: l.Version, File: l.Script.Path, Line: l.Line(), Part: l.Part(), Step: l.Step, Steps: l.Steps,
		Statement: l.Text(), Took: l.Took, FileTook: l.FileTook,
		Phase: l.Phase.Name, PhaseDone: l.Phase.Done, PhaseTotal: l.Phase.Total,
	})
}

func (t asEvents) Notice(file string, line int, n *pq.Error) {
	t.emit(Notice{File: file, Line: line, Severity: n.Severity, Message: n.Message, Detail: n.Detail, Hint: n.Hint})
}

func (t asEvents) Cleaned(file, index string) { t.emit(Cleaned{File: file, Index: index}) }

func (t asEvents) BatchDone(file string, line int, p backfill.Progress, took time.Duration, first, last []string) {
	t.emit(BatchDone{File: file, Line: line, Progress: p, Took: took, First: first, Last: last})
}

func (t asEvents) Retrying(file string, line int, err error, attempt, of int, blockers []lock.Blocker) {
	t.emit(Retrying{File: file, Line: line, Err: err, Attempt: attempt, Of: of, Blockers: blockers})
}

func (t asEvents) FewerWorkers(file string, line int, workers, wanted int, err error) {
	t.emit(FewerWorkers{File: file, Line: line, Workers: workers, Wanted: wanted, Err: err})
}

func (t asEvents) WaitingForReplica(file string, lag, most time.Duration) {
	t.emit(WaitingForReplica{File: file, Lag: lag, MaxLag: most})
}

func (t asEvents) Vacuumed(file, table string, took time.Duration) {
	t.emit(Vacuumed{File: file, Table: table, Took: took})
}
