package cli

import (
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/events"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

func workCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name: "work", Usage: "run the background backfills that up has registered", ArgsUsage: "[VERSION...]",
		UsageText: cmdline.Examples(
			"rung work", "run what is registered, and end",
			"rung work --watch 10s", "stay, and look for more every 10 seconds",
			"rung work --max-time 6h --max-lag 5s", "run as a job at night, and stop in the morning",
		),
		Description: "Runs one after the other, in order of version, beside any `rung up`. Any number of workers may run: each backfill has one at a time, and one that another works on, or that is paused, is named and left. An attempt that fails is followed by others after 1, 5 and 30 minutes; then, or at once where a row or the statement is wrong, the backfill has failed: its error is kept, the others run, and work exits 1. The next `rung work` tries it again.",
		Flags: append(batchFlags(),
			metricsFlag(),
			&ucli.BoolFlag{Name: "once", Usage: "make one attempt at each, and leave others to the next `rung work`"},
			cmdline.DurationFlag("watch", 0, "when there is nothing to do, look again after `TIME` instead of ending; 0 ends"),
			cmdline.DurationFlag("max-time", 0, "after this `TIME` stop between two batches, and exit 0; 0 is no limit"),
		),
		Action: func(c *ucli.Context) (err error) {
			req := runner.WorkRequest{Once: c.Bool("once"), Watch: cmdline.GetDuration(c, "watch"), MaxTime: cmdline.GetDuration(c, "max-time")}
			for _, arg := range c.Args().Slice() {
				v, err := runner.ParseVersion(arg)
				if err != nil {
					return fault.Usagef("it is the number before the first underscore of the file name", "work takes versions, and %q is none", arg)
				}
				req.Versions = append(req.Versions, v)
			}
			if t.member == nil {
				if t.metrics, err = newMetrics(c.String("metrics")); err != nil {
					return err
				}
			}
			r, err := t.open(c)
			if err != nil {
				return err
			}
			rep, err := r.Work(c.Context, req)
			if t.member == nil {
				t.flushMetrics()
			}
			o := &jsonWork{Command: "work", Run: rep.Run, Done: []jsonDone{}, Background: events.BackgroundsOf(rep.Background)}
			for _, d := range rep.Done {
				o.Done = append(o.Done, doneJSON(d))
			}
			if err == nil {
				t.say("%s", workSummary(rep))
			}
			return t.failWith(o, err)
		},
	}
}

// workSummary says what was done, and what is left.
func workSummary(rep *runner.Report) string {
	s := "finished " + show.Count(len(rep.Done), "background backfill")
	switch {
	case len(rep.Background) > 0:
		return s + ", " + show.Count(len(rep.Background), "backfill") + " not done"
	case len(rep.Done) == 0:
		return "nothing to do: no background backfill is registered"
	}
	return s
}

// jsonWork is the object of work.
type jsonWork struct {
	jsonResult
	Command string `json:"command"`
	// Run is the run's name in the history.
	Run  string     `json:"run"`
	Done []jsonDone `json:"done"`
	// Background are the backfills that are not done.
	Background []events.Background `json:"background"`
}
