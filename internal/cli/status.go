package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

func statusCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "status",
		Usage: "show what is applied, pending, running, and what is wrong",
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "exit-code", Usage: "exit 6 when work is pending"},
		},
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			_, r, err := t.open(c)
			if err != nil {
				return err
			}
			st, err := r.Status(c.Context)
			if err != nil {
				return err
			}
			t.statusText(st)
			if c.Bool("exit-code") && st.Pending() > 0 {
				return t.failWith(statusJSON(st), errPending)
			}
			return t.finish(statusJSON(st))
		},
	}
}

func (t *terminal) statusText(st *runner.Status) {
	if t.json {
		return
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	if len(st.Rows) > 0 {
		fmt.Fprintln(w, "VERSION\tNAME\tSTATE\tAPPLIED AT\tBY\tTOOK\t")
	}
	for _, r := range st.Rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", r.Version, r.Name, stateText(r))
	}
	w.Flush()
	applied := 0
	for _, r := range st.Rows {
		if r.State == string(runner.Applied) {
			applied++
		}
	}
	t.say("%d applied, %d pending", applied, st.Pending())
	if st.Running != nil {
		t.say("running: %s", st.Running)
	}
	for _, f := range st.Findings {
		t.say("problem: %s", f)
		if f.Diff != "" {
			t.say("%s", strings.TrimRight(f.Diff, "\n"))
		}
	}
}

func stateText(r runner.StatusRow) string {
	state := r.State
	switch {
	case r.State == string(runner.Applying), r.State == string(runner.Reverting):
		state = fmt.Sprintf("%s, %d steps done", r.State, r.StepsDone)
	case r.Missing:
		state += ", file missing"
	case r.AdoptedFom != "":
		state += ", from " + r.AdoptedFom
	}
	if r.AppliedAt.IsZero() {
		return state + "\t\t\t"
	}
	took := short(r.Duration)
	if r.State != string(runner.Applied) || r.Duration == 0 {
		took = ""
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s", state, r.AppliedAt.Local().Format(time.DateTime), r.AppliedBy, took)
}

type jsonStatus struct {
	jsonResult
	Schema       string           `json:"schema"`
	RecordExists bool             `json:"record_exists"`
	Migrations   []jsonMigration  `json:"migrations"`
	Pending      int              `json:"pending"`
	Running      *runner.Holder   `json:"running"`
	Findings     []runner.Finding `json:"findings"`
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
	DurationMS int64          `json:"duration_ms"`
}

func statusJSON(st *runner.Status) *jsonStatus {
	o := &jsonStatus{
		Schema: st.Schema, RecordExists: st.RecordExists, Migrations: []jsonMigration{},
		Pending: st.Pending(), Running: st.Running, Findings: append([]runner.Finding{}, st.Findings...),
	}
	for _, r := range st.Rows {
		o.Migrations = append(o.Migrations, jsonMigration{
			Version: r.Version, Name: r.Name, State: r.State, Missing: r.Missing, Mode: r.Mode,
			Steps: r.Steps, StepsDone: r.StepsDone, AppliedAt: jsonTime(r.AppliedAt), AppliedBy: r.AppliedBy,
			DurationMS: r.Duration.Milliseconds(),
		})
	}
	return o
}
