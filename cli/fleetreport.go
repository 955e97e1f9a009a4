package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rivo/uniseg"

	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/fleet"
	"rung/runner"
)

// fleetRun gathers what a command did on each target.
type fleetRun struct {
	t       *terminal
	command string
	run     string
	drift   *drift // nil where it is not asked for
	// review is nil for a command that reviews nothing.
	review *reviewSettings

	mu      sync.Mutex
	results []memberResult
	ended   int
	failed  int
	texts   map[string][]int // what a command printed, and for which targets
	order   []string         // those texts, in the order in which they came
	// warned are the warnings that were said; nil for a command that is not there to check.
	warned []runner.Problem
}

// memberResult is what is kept of one target: little, as there may be thousands.
type memberResult struct {
	name  string
	at    string // the newest version in place; "" for none, or not known
	state string
	code  int // of its error; 0 for none
	done  int // migrations
}

// The states of a target; that of one that failed has its error too.
const (
	targetDone     = "done"
	targetWaits    = "waits"
	targetLacksRun = "no such run"
)

// notBegun is the state of a target that the end of the run left out; work may have
// run some batches there.
func (f *fleetRun) notBegun() string {
	if f.command == "work" {
		return "not done"
	}
	return "not begun"
}

// record takes in how a target ended, and reports whether it failed.
func (f *fleetRun) record(place int, task *fleet.Task, t *terminal, printed string, err error) (failed bool) {
	result := memberResult{name: task.Target.Name, state: targetDone}
	var said fault.Description
	if err != nil {
		said = fault.Describe(err)
		result.code = said.ExitCode
		failed = !errors.Is(err, fault.ErrPending)
	}
	result.describe(t.object)
	var stopped *runner.StoppedError
	var unknown *runner.UnknownRunError
	switch {
	case err == nil:
	case errors.As(err, &unknown):
		result.state, result.code, failed, err = targetLacksRun, 0, false, nil
	case !failed:
		result.state = cmp.Or(strings.TrimPrefix(result.state, targetDone), targetWaits)
	case errors.As(err, &stopped) && !task.HasBegun():
		result.state, result.code, failed = f.notBegun(), 0, false
	default:
		first, _, _ := strings.Cut(fault.Headline(said), "\n")
		result.state = "failed: " + show.Clip(first, 120)
		t.sayError(said) // names the target in each line
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.t.json {
		f.printLine(task.Target.Name, t.object, err, said)
	}
	f.results[place] = result
	f.ended++
	if failed {
		f.failed++
	}
	f.warnBeside(t)
	f.sayChange(result, t.object)
	f.keepText(place, printed)
	f.draw()
	return failed
}

// describe takes from what a command printed with --json where the target is.
func (r *memberResult) describe(o jsonObject) {
	switch o := o.(type) {
	case *jsonRun:
		r.at, r.done = o.At, doneOf(o)
	case *jsonStatus:
		for _, m := range o.Migrations {
			if m.State != "pending" {
				r.at = string(m.Version)
			}
		}
		r.state = statusState(o)
	}
}

// doneOf is how many migrations a run did: a redo does each of them twice.
func doneOf(o *jsonRun) (n int) {
	for _, d := range o.Done {
		if o.Command != "redo" || d.Direction == runner.Up {
			n++
		}
	}
	return n
}

// statusState is a target's status in a few words.
func statusState(o *jsonStatus) string {
	var parts []string
	if o.Pending > 0 {
		parts = append(parts, fmt.Sprintf("%d pending", o.Pending))
	}
	if o.Running != nil {
		parts = append(parts, "being migrated")
	}
	if len(o.Backfills) > 0 {
		parts = append(parts, "backfill not done")
	}
	failed := func(b events.Background) bool { return b.State == runner.BackfillFailed }
	switch {
	case slices.ContainsFunc(o.Background, failed):
		parts = append(parts, "background backfill failed")
	case len(o.Background) > 0:
		parts = append(parts, "background backfill not done")
	}
	if n := len(o.Findings); n > 0 {
		parts = append(parts, show.Count(n, "problem"))
	}
	if o.LastFailure != nil && o.Running == nil {
		parts = append(parts, "last attempt failed")
	}
	if len(parts) == 0 {
		return "at head"
	}
	return strings.Join(parts, ", ")
}

// printLine prints a target's object on one line, with its name in front.
func (f *fleetRun) printLine(name string, o jsonObject, err error, said fault.Description) {
	if o == nil {
		o = &jsonResult{}
	}
	o.setError(nil)
	if err != nil {
		o.setError(&said)
	}
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if e.Encode(o) != nil {
		return // all of them can be
	}
	_, _ = f.t.out.Write([]byte(`{"target":` + show.QuoteJSON(name) + "," + strings.TrimPrefix(line.String(), "{"))) // an outlet keeps its error
}

// sayChange is the one line of a target that changed.
func (f *fleetRun) sayChange(r memberResult, o jsonObject) {
	run, ok := o.(*jsonRun)
	if !ok || len(run.Done) == 0 || f.t.quiet || f.t.logJSON {
		return
	}
	took := 0.0
	for _, d := range run.Done {
		took += d.DurationMS
	}
	f.t.live.Clear()
	fmt.Fprintln(f.t.err, show.Text("%s: %s %s, now at %s, %s", r.name, doneVerb[f.command], show.Count(r.done, "migration"), cmp.Or(r.at, "0"), show.Short(time.Duration(took*float64(time.Millisecond)))))
}

// keepText keeps what the command printed, once for all targets that have the same.
func (f *fleetRun) keepText(i int, printed string) {
	if printed == "" || f.command == "status" {
		return
	}
	if _, known := f.texts[printed]; !known {
		f.order = append(f.order, printed)
	}
	f.texts[printed] = append(f.texts[printed], i)
}

// draw shows on a terminal how far the fleet is.
func (f *fleetRun) draw() {
	if !f.t.live.Draws() || f.t.quiet || f.t.logJSON {
		return
	}
	all := len(f.results)
	f.t.live.Draw(func(width int) string {
		numbers := fmt.Sprintf("%d of %d targets", f.ended, all)
		failures := ""
		if f.failed > 0 {
			failures = fmt.Sprintf("%d failed", f.failed)
		}
		bar := ""
		if cells := min(width-uniseg.StringWidth(numbers+failures)-8, 40); cells >= 6 {
			full := f.ended * cells / all
			bar = "[" + strings.Repeat("#", full) + strings.Repeat(".", cells-full) + "]"
		}
		return show.Fitted(width, numbers, bar, failures)
	})
}

// finish prints the report, and returns the error of the whole: that of the targets,
// or else what was found on them.
func (f *fleetRun) finish(cause, found error) error {
	f.t.live.Clear()
	o := f.object()
	switch f.command {
	case "up", "down", "redo":
		if f.changed() > 0 {
			f.t.say("run %s: %s %s in %s", f.run, doneVerb[f.command], show.Count(o.Done, "migration"), show.Count(f.changed(), "target"))
		}
		f.sayGroups(o)
	case "status":
		f.sayGroups(o)
		for _, d := range o.Drift {
			f.t.say("%s differs from %s at the same version: %s", d.Target, d.From, differencesText(d.Differences))
		}
	default:
		f.sayTexts()
		if f.failed > 0 || f.ended < len(f.results) {
			f.sayGroups(o)
		}
	}
	f.t.object = o
	err := cmp.Or(f.err(cause), found)
	if err == nil {
		o.setError(nil)
	} else {
		said := fault.Describe(err)
		o.setError(&said)
	}
	if f.t.json {
		f.t.json = false // it is printed here, on one line
		line, e := json.Marshal(o)
		if e != nil {
			return e
		}
		fmt.Fprintf(f.t.out, "%s\n", line)
	}
	return err
}

func (f *fleetRun) changed() (n int) {
	for _, r := range f.results {
		if r.done > 0 {
			n++
		}
	}
	return n
}

// sayTexts prints what the command printed, once for all that have the same.
func (f *fleetRun) sayTexts() {
	for _, text := range f.order {
		var names []string
		slices.Sort(f.texts[text])
		for _, i := range f.texts[text] {
			names = append(names, f.results[i].name)
		}
		f.t.say("%s:", namesText(names))
		for line := range strings.Lines(text) {
			f.t.say("  %s", strings.TrimRight(line, "\n"))
		}
	}
}

// mostNames is how many targets a row names.
const mostNames = 5

// namesText names targets, and counts those that there is no room for.
func namesText(names []string) string {
	if len(names) <= mostNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNames-2], ", "), len(names)-mostNames+2)
}

// sayGroups prints a table: how many targets are at which version, and how it went.
func (f *fleetRun) sayGroups(o *jsonFleet) {
	rows := [][]string{{"TARGETS", "AT", "STATE", "NAMES"}}
	for _, g := range o.Groups {
		rows = append(rows, []string{fmt.Sprintf("%7d", len(g.Targets)), cmp.Or(g.At, "-"), g.State, namesText(g.Targets)})
	}
	f.t.sayTable(rows)
}

// err is the error of the whole: the one exit status for all that failed, or 1
// where they have several.
func (f *fleetRun) err(cause error) error {
	if !slices.ContainsFunc(f.results, func(r memberResult) bool { return r.state != targetLacksRun }) {
		return fault.Usagef("the end of `rung up` over many targets names its run, and so does `rung history --json`", "no target has a run of that name in its history")
	}
	var failed, left, pending []string
	code := 0
	for _, r := range f.results {
		switch {
		case r.state == f.notBegun():
			left = append(left, r.name)
		case r.code == fault.ExitPending:
			pending = append(pending, r.name)
		case r.code != 0:
			failed = append(failed, r.name)
			if code != 0 && code != r.code {
				r.code = fault.ExitFailed
			}
			code = r.code
		}
	}
	all := show.Count(len(f.results), "target")
	var parts []string
	if len(failed) > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s failed: %s", len(failed), all, namesText(failed)))
	}
	if len(left) > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s %s", len(left), all, f.notBegun()))
	}
	e := &fault.FleetError{What: strings.Join(parts, "; "), Code: code}
	switch {
	case len(left) > 0 && cause != nil:
		e.Cause = cause
		e.What = cause.Error() + ": " + e.What
		e.Hint = "the same command does the rest"
		return e
	case len(failed) > 0:
		e.Hint = "when that is fixed, the same command does the rest"
		return e
	case len(pending) > 0:
		return fmt.Errorf("%w in %d of %s: %s", fault.ErrPending, len(pending), all, namesText(pending))
	}
	return nil
}

// jsonFleet is the last line that a command over many targets prints with --json.
type jsonFleet struct {
	jsonResult
	Command string `json:"command"`
	// Run is the name that the runs on all targets have in their histories.
	Run string `json:"run"`
	// Done is how many migrations were run, on all targets together.
	Done   int              `json:"done"`
	Groups []jsonFleetGroup `json:"groups"`
	// Drift are the targets whose schema is another than that of the others at the
	// same version.
	Drift []jsonDrift `json:"drift,omitempty"`
	// Review is what was found on all targets together, each finding once.
	Review *jsonReview `json:"review,omitempty"`
}

// jsonFleetGroup are the targets that are at the same version in the same state.
type jsonFleetGroup struct {
	At      string   `json:"at"`
	State   string   `json:"state"`
	Targets []string `json:"targets"`
}

func (f *fleetRun) object() *jsonFleet {
	o := &jsonFleet{Command: f.command, Run: f.run, Groups: []jsonFleetGroup{}}
	for _, r := range f.results {
		o.Done += r.done
		i := slices.IndexFunc(o.Groups, func(g jsonFleetGroup) bool { return g.At == r.at && g.State == r.state })
		if i < 0 {
			i = len(o.Groups)
			o.Groups = append(o.Groups, jsonFleetGroup{At: r.at, State: r.state})
		}
		o.Groups[i].Targets = append(o.Groups[i].Targets, r.name)
	}
	if f.drift != nil {
		o.Drift = f.drift.found
	}
	if f.review != nil && f.review.targets > 0 {
		o.Review = &jsonReview{}
		o.Review.fill(f.review.merged.Report())
	}
	slices.SortStableFunc(o.Groups, func(a, b jsonFleetGroup) int { return len(b.Targets) - len(a.Targets) })
	return o
}
