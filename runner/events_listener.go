package runner

import (
	"github.com/lib/pq"

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
