package cli

import (
	"fmt"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

func upCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "up",
		Usage: "apply what is pending",
		Description: "Runs every pending file in order of version. Each file commits together with its history entry. A file that cannot run in a transaction runs statement by statement, and resumes where it stopped. Several rungs may start at once: one works, the others wait.\n" +
			"Refuses (exit 3) a file that was edited after it ran, and a pending file below the highest applied version. A database that is ahead of the directory is a warning.",
		Flags: append(slices.Concat(upFlags(), batchFlags(), observeFlags()),
			noteFlag(), metricsFlag(),
			&ucli.StringFlag{Name: "review", Usage: "observe the pending files on a scratch server first, as rung review does, and run nothing if there is a finding of this `SEVERITY` or worse: warning, danger, …"},
			&ucli.StringFlag{Name: "plan-hash", Usage: "refuse any plan but the one with this `HASH`, which `rung plan` prints"},
		),
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			req, err := upRequest(c)
			if err != nil {
				return err
			}
			req.PlanHash = c.String("plan-hash")
			if t.member == nil {
				if t.metrics, err = newMetrics(c.String("metrics")); err != nil {
					return err
				}
			}
			open := t.open
			if c.String("review") != "" {
				if t.member != nil {
					return usagef("`rung review --database-url URL` first, for one of them", "--review is for one database")
				}
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

// upFlags are those that up and plan share.
func upFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "to", Usage: "stop after `VERSION`"},
		numberFlag("steps", 0, "run at most `N` migrations"),
		&ucli.BoolFlag{Name: "single-transaction", Usage: "run all pending files as one transaction"},
		&ucli.BoolFlag{Name: "no-batches", Usage: "stop before the first file that has a batch to run; exits 6 if files stay pending"},
		&ucli.BoolFlag{Name: "allow-out-of-order", Usage: "run pending files below the highest applied version too"},
		&ucli.BoolFlag{Name: "beside-other-history", Usage: "run even if the database has no history of rung's but another tool's, or tables that the first file creates"},
		&ucli.BoolFlag{Name: "strict", Usage: "refuse instead of warning: a database ahead of the directory, an edited down file, a renamed file"},
	}
}

func upRequest(c *ucli.Context) (req runner.UpRequest, err error) {
	req.Request, err = request(c)
	req.Together = c.Bool("single-transaction")
	req.AllowOutOfOrder = c.Bool("allow-out-of-order")
	req.Strict = c.Bool("strict")
	req.BesideOther = c.Bool("beside-other-history")
	req.NoBatches = c.Bool("no-batches")
	return req, err
}

// request reads --to and --steps.
func request(c *ucli.Context) (req runner.Request, err error) {
	if req.Steps = getNumber(c, "steps"); c.IsSet("steps") && req.Steps < 1 {
		return req, usagef("", "--steps takes a number above 0")
	}
	if to := c.String("to"); to != "" {
		v, err := runner.ParseVersion(to)
		if err != nil {
			return req, usagef("it is the number before the first underscore of the file name", "--to: %w", err)
		}
		req.To = &v
	}
	return req, nil
}

// report prints how a run went, also beside an error.
func (t *terminal) report(command string, req runner.Request, rep *runner.Report, err error) error {
	o := t.runJSON(command, rep)
	if err == nil {
		t.sayWarnings(rep)
		if s := summary(command, req, rep); s != "" {
			t.say("%s", s)
		}
		err = leftBehind(rep.Plan)
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
	return verb + " " + count(n, "migration")
}

// leftBehind is the error of an up that --no-batches had stop before the end.
func leftBehind(p *runner.Plan) error {
	if p == nil || len(p.Waiting) == 0 {
		return nil
	}
	return &runner.HintedError{Err: fmt.Errorf("%w: %s", errPending, waitingText(p.Waiting)), Hint: "`rung up` without --no-batches runs it, in a job of its own"}
}

// waitingText says which files --no-batches leaves behind.
func waitingText(waiting []*runner.Migration) string {
	files := waitingFiles(waiting)
	text := files[0] + " waits: it has a backfill"
	if len(files) > 1 {
		text += "; behind it " + map[bool]string{true: "waits ", false: "wait "}[len(files) == 2] + strings.Join(files[1:], ", ")
	}
	return text
}

func waitingFiles(waiting []*runner.Migration) (files []string) {
	for _, m := range waiting {
		files = append(files, m.Up.Path)
	}
	return files
}

// count is a number and its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
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
