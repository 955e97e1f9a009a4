package cli

import (
	"slices"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/runner"
)

func upCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "up",
		Usage: "apply what is pending",
		UsageText: cmdline.Examples(
			"rung up", "apply all that is pending",
			"rung up --to 42 --note OPS-7", "stop after version 42; the history keeps the note",
		),
		Description: "Runs every pending file in order of version. Each file commits together with its history entry. A file that cannot run in a transaction runs statement by statement, and resumes where it stopped. Several rungs may start at once: one works, the others wait.\n" +
			"Refuses (exit 3) a file that was edited after it ran, and a pending file below the highest applied version. A database that is ahead of the directory is a warning.",
		Flags: append(slices.Concat(upFlags(), batchFlags(), observeFlags()),
			noteFlag(), metricsFlag(),
			&ucli.BoolFlag{Name: "wait-for-backfills", Usage: "where a file requires a background backfill that is not done, wait for it"},
			&ucli.BoolFlag{Name: "work", Usage: "run it instead, as `rung work` does"},
			&ucli.StringFlag{Name: "review", Usage: "observe the pending files on a scratch server first, as rung review does, and run nothing if there is a finding of this `SEVERITY` or worse: warning, danger, …"},
			&ucli.StringFlag{Name: "plan-hash", Usage: "refuse any plan but the one with this `HASH`, which `rung plan` prints"},
		),
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			req, err := upRequest(c)
			if err != nil {
				return err
			}
			if req.PlanHash = c.String("plan-hash"); req.PlanHash == "" && c.IsSet("plan-hash") {
				req.PlanHash = "empty" // as that of nothing to do, or of a variable that got lost
			}
			req.WaitForBackfills, req.WorkBackfills = c.Bool("wait-for-backfills"), c.Bool("work")
			if t.member == nil {
				if t.metrics, err = newMetrics(c.String("metrics")); err != nil {
					return err
				}
			}
			open := t.open
			if c.String("review") != "" {
				open = func(c *ucli.Context) (*runner.Runner, error) { return t.upReviewed(c, req) }
			}
			r, err := open(c)
			if err != nil {
				return err
			}
			rep, err := r.Up(c.Context, req)
			t.metrics.end(t.targetName(), rep, err)
			if t.member == nil {
				t.flushMetrics()
			}
			return t.report("up", req.Request, rep, err)
		},
	}
}
