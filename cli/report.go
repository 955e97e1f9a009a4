package cli

import (
	"fmt"
	"strings"

	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

// report prints how a run went, also beside an error.
func (t *terminal) report(command string, req runner.Request, rep *runner.Report, err error) error {
	o := t.runJSON(command, rep)
	if err == nil {
		t.sayWarnings(rep)
		if s := summary(command, req, rep); s != "" {
			t.say("%s", s)
		}
		t.sayBackgrounds(rep.Background)
		err = leftBehind(rep)
	}
	return t.failWith(o, err)
}

// sayWarnings prints the findings of a run that had nothing to do; one that
// worked has said them before it did.
func (t *terminal) sayWarnings(rep *runner.Report) {
	if rep.Plan == nil || len(rep.Done) > 0 {
		return
	}
	t.warnOf(rep.Plan)
}

// warnOf says what of a plan is no reason to refuse.
func (t *terminal) warnOf(p *runner.Plan) {
	for _, f := range p.Warnings {
		if f.Kind != runner.HalfApplied { // the plan shows it
			t.listener()(runner.Warned{Finding: f})
		}
	}
}

// doneVerb says what a command did to a migration.
var doneVerb = map[string]string{"up": "applied", "down": "reverted", "redo": "reverted and applied"}

func summary(command string, req runner.Request, rep *runner.Report) string {
	done := rep.Done
	if len(done) == 0 {
		if rep.Plan != nil && len(rep.Plan.Waiting) > 0 {
			return "" // leftBehind says why
		}
		return nothingToDo(command, req)
	}
	verb := doneVerb[command]
	n := len(done)
	if command == "redo" {
		n = 1
	}
	return verb + " " + show.Count(n, "migration")
}

// leftBehind is the error of an up that stopped before the end, as --no-batches has it
// or for a background backfill that is not done.
func leftBehind(rep *runner.Report) error {
	p := rep.Plan
	switch {
	case p == nil || len(p.Waiting) == 0:
		return nil
	case len(p.WaitsFor) > 0:
		return &runner.HintedError{
			Err:  fmt.Errorf("%w: %s", fault.ErrPending, waitingText(p.Waiting, requiredText(rep))),
			Hint: "once `rung work` has done it, `rung up` goes on; --wait-for-backfills waits for it, and --work runs it",
		}
	}
	return &runner.HintedError{Err: fmt.Errorf("%w: %s", fault.ErrPending, waitingText(p.Waiting, waitingReason(p))), Hint: "`rung up` without --no-batches runs it, in a job of its own"}
}

// waitingText says which files are left behind, and why the first one is.
func waitingText(waiting []*runner.Migration, why string) string {
	files := waitingFiles(waiting)
	text := files[0] + " waits: " + why
	if len(files) > 1 {
		text += "; behind it " + map[bool]string{true: "waits ", false: "wait "}[len(files) == 2] + strings.Join(files[1:], ", ")
	}
	return text
}

// waitingReason is why a plan stops before its end.
func waitingReason(p *runner.Plan) string {
	if len(p.WaitsFor) == 0 {
		return "it has a backfill"
	}
	var of []string
	for _, v := range p.WaitsFor {
		of = append(of, string(v))
	}
	return "it requires the background backfill of version " + strings.Join(of, ", ") + ", which is not done"
}

func waitingFiles(waiting []*runner.Migration) (files []string) {
	for _, m := range waiting {
		files = append(files, m.Up.Path)
	}
	return files
}

func nothingToDo(command string, req runner.Request) string {
	switch {
	case command == "up" && req.To != nil:
		return "nothing to do: all up to " + string(*req.To) + " is applied"
	case command == "up":
		return "nothing to do: all is applied"
	case req.Run != "":
		return "nothing to do: run " + req.Run + " applied nothing that is in place"
	case req.To != nil && *req.To != "0":
		return "nothing to do: nothing above " + string(*req.To) + " is applied"
	}
	return "nothing to do: nothing is applied"
}

// flushMetrics writes the file as it is to stay.
func (t *terminal) flushMetrics() {
	if t.metrics == nil {
		return
	}
	t.metrics.mu.Lock()
	defer t.metrics.mu.Unlock()
	if t.metrics.write(0); t.metrics.failed != nil {
		t.note("the metrics were not written: " + t.metrics.failed.Error())
	}
}

// jsonRun is the object of up, down and redo.
type jsonRun struct {
	jsonResult
	Command string `json:"command"`
	// Run is the run's name in the history; "" where nothing was begun.
	Run string `json:"run"`
	// At is the newest version in place now; "" for none.
	At   string     `json:"at"`
	Done []jsonDone `json:"done"`
	// Lost is what was done, and is not in the history of the server that
	// answered after the connection was lost.
	Lost []jsonDone `json:"lost,omitempty"`
	// Waiting are the files that up left behind: for --no-batches, or for the background
	// backfills of the versions in WaitsFor.
	Waiting  []string         `json:"waiting,omitempty"`
	WaitsFor []runner.Version `json:"waits_for,omitempty"`
	// Background are the background backfills that are not done.
	Background []events.Background `json:"background,omitempty"`
	PlanHash   string              `json:"plan_hash"`
	Findings   []runner.Finding    `json:"findings"`
	Warnings   []runner.Problem    `json:"warnings"`
}

type jsonDone struct {
	Direction  runner.Direction  `json:"direction"`
	Version    runner.Version    `json:"version"`
	Name       string            `json:"name"`
	File       string            `json:"file"`
	Steps      int               `json:"steps"`
	DurationMS float64           `json:"duration_ms"`
	Backfills  []events.Backfill `json:"backfills,omitempty"`
	// Registered is true where up left the backfill to work.
	Registered bool `json:"registered,omitempty"`
}

func (t *terminal) runJSON(command string, rep *runner.Report) *jsonRun {
	o := &jsonRun{Command: command, Run: rep.Run, Done: []jsonDone{}, Findings: []runner.Finding{}, Warnings: show.List(t.warnings)}
	if rep.At != nil {
		o.At = string(*rep.At)
	}
	for _, d := range rep.Done {
		o.Done = append(o.Done, doneJSON(d))
	}
	for _, d := range rep.Lost {
		o.Lost = append(o.Lost, doneJSON(d))
	}
	if rep.Plan != nil {
		o.PlanHash, o.Findings, o.Waiting = rep.Plan.Hash, show.List(rep.Plan.Warnings), waitingFiles(rep.Plan.Waiting)
		o.WaitsFor = rep.Plan.WaitsFor
	}
	if len(rep.Background) > 0 {
		o.Background = events.BackgroundsOf(rep.Background)
	}
	return o
}

func doneJSON(d runner.Done) jsonDone {
	return jsonDone{d.Direction, d.Version, d.Name, d.File, d.Steps, show.Millis(d.Duration), events.BackfillsOf(d.Backfills), d.Registered}
}
