package cli

import (
	"fmt"
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

func statusCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "status",
		Usage: "show what is applied, pending, running, and what is wrong",
		UsageText: cmdline.Examples(
			"rung status --pending", "list only what is not wholly applied",
			"rung status --exit-code", "exit 6 while work is pending, for a script",
		),
		Description: "Takes no lock, creates nothing and needs only SELECT on the history tables. If the history and the directory disagree, it shows the diff and still exits 0 (`rung validate` is for checks).",
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "pending", Usage: "list only what is not wholly applied"},
			cmdline.NumberFlag("last", 0, "list only the newest `N`, and what is not wholly applied; 0 lists all"),
			&ucli.BoolFlag{Name: "exit-code", Usage: "exit 6 when work is pending"},
			timelineFlag(),
			&ucli.BoolFlag{Name: "drift", Usage: "over many databases or schemas: compare what is in them, and name those that differ from the others at the same version"},
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			if c.Bool("drift") && t.member == nil {
				return fault.Usagef("name the databases by --targets, --targets-query or --each-database", "--drift compares many databases")
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			st, err := r.Status(c.Context)
			if err != nil {
				return err
			}
			if err := t.writeTimeline(c, r); err != nil {
				return err
			}
			t.heed(st.DirectoryWarnings)
			contracts, err := contractsOf(t.directory, st)
			if err != nil {
				return err
			}
			t.statusText(st, shownBy(c))
			for _, v := range contracts {
				t.say("the contract of version %s is still to come: rung new NAME --template contract --set of=%[1]s", v)
			}
			for _, p := range t.problems {
				t.say("problem: %s", p)
			}
			if c.Bool("exit-code") && st.Pending() > 0 {
				return t.failWith(t.statusJSON(st, contracts), fault.ErrPending)
			}
			return t.finish(t.statusJSON(st, contracts))
		},
	}
}

// shownBy reports whether the flags have a row in the list: it is the one of so
// many, counted from 0. --json has all of them.
func shownBy(c *ucli.Context) func(row runner.StatusRow, i, of int) bool {
	last := cmdline.GetNumber(c, "last")
	return func(row runner.StatusRow, i, of int) bool {
		switch {
		case row.State != string(runner.Applied):
			return true
		case c.Bool("pending"):
			return false
		}
		return last == 0 || i >= of-last
	}
}

func (t *terminal) statusText(st *runner.Status, shown func(runner.StatusRow, int, int) bool) {
	rows := [][]string{{"MIGRATION", "STATE", "APPLIED AT", "BY", "  TOOK"}}
	applied := 0
	for i, r := range st.Rows {
		row := []string{r.Title, stateText(r, st), "", "", ""}
		if !r.AppliedAt.IsZero() {
			row[2], row[3] = r.AppliedAt.Local().Format(show.TimeLayout), r.AppliedBy
		}
		if r.State == string(runner.Applied) || r.State == string(runner.InBackground) {
			applied++
			if r.Duration > 0 { // none for a baseline
				row[4] = fmt.Sprintf("%6s", show.Short(r.Duration))
			}
		}
		if shown(r, i, len(st.Rows)) {
			rows = append(rows, row)
		}
	}
	if len(rows) > 1 {
		t.sayTable(rows)
	}
	t.say("%d applied, %d pending", applied, st.Pending())
	if st.Running != nil {
		t.say("migration lock %s", st.Running)
	}
	if len(st.Blockers) > 0 {
		t.say("its statement waits for a lock, blocked by %s", fault.BlockersText(st.Blockers))
	}
	for _, p := range st.Backfills {
		t.say("backfill of version %s: %s", p.Version, events.ProgressText(p))
	}
	t.sayBackgrounds(st.Background)
	if e := st.LastFailure; e != nil && st.Running == nil {
		t.say("last failure: %s of %s at %s by %s: %s", strings.TrimSuffix(e.Action, "-failed"), e.Title, e.At.Local().Format(show.TimeLayout), e.Actor, e.Failure)
	}
	for _, f := range st.Findings {
		if st.Running != nil && (f.Kind == runner.HalfApplied || f.Kind == runner.HalfReverted) {
			continue // it is being worked on
		}
		t.say("problem: %s", show.Lines(fault.FindingText(f)))
	}
}

func stateText(r runner.StatusRow, st *runner.Status) string {
	part := func(half, doing string) string {
		steps := fmt.Sprintf("%d of %d steps done", r.StepsDone, r.Steps)
		if r.Steps == 0 || r.Steps < r.StepsDone { // not counted, or the file was shortened
			steps = fmt.Sprintf("%d steps done", r.StepsDone)
		}
		if st.Running != nil {
			return doing + ", " + steps
		}
		return half + ", " + steps
	}
	state := r.State
	switch r.State {
	case string(runner.Applying):
		state = part("applied in part", "being applied")
	case string(runner.Reverting):
		state = part("reverted in part", "being reverted")
	}
	for _, b := range st.Background {
		if b.Version == r.Version {
			state = "backfill " + events.BackgroundState(b)
		}
	}
	if r.Missing {
		state += ", file missing"
	}
	if r.AdoptedFrom != "" {
		state += ", from " + r.AdoptedFrom
	}
	return state
}

type jsonStatus struct {
	jsonResult
	Schema        string            `json:"schema"`
	HistoryExists bool              `json:"history_exists"`
	Migrations    []jsonMigration   `json:"migrations"`
	Pending       int               `json:"pending"`
	Running       *runner.Holder    `json:"running"`
	Blockers      []fault.Blocker   `json:"blockers"`
	Backfills     []events.Backfill `json:"backfills"`
	// Background are the background backfills that are registered and not done.
	Background []events.Background `json:"background"`
	Findings   []runner.Finding    `json:"findings"`
	Problems   []runner.Problem    `json:"problems"`
	Warnings   []runner.Problem    `json:"warnings"`
	// LastFailure is the newest attempt that failed and whose version has not
	// gone through since, or null.
	LastFailure *jsonEntry `json:"last_failure"`
	// Contracts are the versions whose contract is still to be written: what a
	// template left for the down migration, and a further one drops.
	Contracts []string `json:"contracts"`
}

type jsonMigration struct {
	Version    runner.Version `json:"version"`
	Name       string         `json:"name"`
	State      string         `json:"state"`
	Missing    bool           `json:"missing"`
	Mode       runner.Mode    `json:"mode,omitempty"`
	Steps      int            `json:"steps"`
	StepsDone  int            `json:"steps_done"`
	AppliedAt  *time.Time     `json:"applied_at"`
	AppliedBy  string         `json:"applied_by,omitempty"`
	DurationMS float64        `json:"duration_ms"`
	// AdoptedFrom is the tool whose record said that it is applied.
	AdoptedFrom string `json:"adopted_from,omitempty"`
}

func (t *terminal) statusJSON(st *runner.Status, contracts []string) *jsonStatus {
	o := &jsonStatus{
		Contracts: show.List(contracts), Schema: st.Schema, HistoryExists: st.HistoryExists, Migrations: []jsonMigration{}, Backfills: []events.Backfill{}, Background: events.BackgroundsOf(st.Background),
		Pending: st.Pending(), Running: st.Running, Blockers: fault.Blockers(st.Blockers), Findings: show.List(st.Findings), Problems: show.List(t.problems), Warnings: show.List(t.warnings),
	}
	if st.LastFailure != nil {
		e := entryJSON(*st.LastFailure)
		o.LastFailure = &e
	}
	for _, p := range st.Backfills {
		o.Backfills = append(o.Backfills, events.BackfillOf(p))
	}
	for _, r := range st.Rows {
		o.Migrations = append(o.Migrations, jsonMigration{
			Version: r.Version, Name: r.Name, State: r.State, Missing: r.Missing, Mode: r.Mode,
			Steps: r.Steps, StepsDone: r.StepsDone, AppliedAt: jsonTime(r.AppliedAt), AppliedBy: r.AppliedBy,
			DurationMS: show.Millis(r.Duration), AdoptedFrom: r.AdoptedFrom,
		})
	}
	return o
}
