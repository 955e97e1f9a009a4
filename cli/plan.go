package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

func planCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "plan",
		Usage: "show what up would do, and its hash, without doing it",
		UsageText: cmdline.Examples(
			"rung plan", "show what up would do",
			"rung plan --sql > change.sql", "write it as one script for psql",
		),
		Description: "Lists files, mode and steps, and a hash that `rung up --plan-hash` requires: what was reviewed is what runs. Takes no lock and creates nothing; refuses what up would refuse, with the same exit status.",
		Flags: append(slices.Concat(upFlags(), chooseFlags(), observeFlags()), runFlag(),
			&ucli.BoolFlag{Name: "observe", Usage: "run the files on a scratch server, and show what each statement locks, rewrites and scans there, as rung review does"},
			&ucli.BoolFlag{Name: "down", Usage: "show what down would do"},
			&ucli.BoolFlag{Name: "markdown", Usage: "print Markdown for a pull request: a table, and each file's SQL folded below it"},
			&ucli.BoolFlag{Name: "sql", Usage: "print one psql script that does the same by hand, bookkeeping included"},
		),
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			req, dir, err := planRequest(c)
			if err != nil {
				return err
			}
			d, err := t.load(c)
			if err != nil {
				return err
			}
			if dir == runner.Up {
				if err := d.MustHaveFiles(); err != nil {
					t.warnFiles(d, true)
					return err
				}
			}
			r, err := t.newRunner(c, runner.Config{Dir: d})
			if err != nil {
				return err
			}
			if c.Bool("sql") {
				t.warnFiles(d, true)
				t.warnProblems(nil)
				return t.planSQL(c, r, dir, req)
			}
			p, err := r.Plan(c.Context, dir, req)
			if p != nil {
				t.heed(p.DirectoryWarnings)
			}
			t.warnFiles(d, true)
			t.warnProblems(err)
			if err != nil {
				return err
			}
			t.warnOf(p)
			if c.Bool("markdown") {
				text, err := planMarkdown(d, p)
				if err != nil {
					return err
				}
				t.sayRaw(text)
			} else {
				t.planText(d, p)
			}
			return t.finishObserved(c, d, p)
		},
	}
}

func planRequest(c *ucli.Context) (runner.UpRequest, runner.Direction, error) {
	others, of := append(chooseFlags(), runFlag()), "plan --down"
	if c.Bool("down") {
		others, of = upFlags(), "plan without --down"
	}
	if c.Bool("down") && c.Bool("observe") {
		return runner.UpRequest{}, "", fault.Usagef("`rung review` observes down files too", "--observe belongs to plan without --down")
	}
	for _, f := range others {
		name := f.Names()[0]
		if name != "to" && name != "steps" && c.IsSet(name) {
			return runner.UpRequest{}, "", fault.Usagef("", "--%s belongs to %s", name, of)
		}
	}
	req, err := upRequest(c)
	if !c.Bool("down") || err != nil {
		return req, runner.Up, err
	}
	req.Request, err = downRequest(c)
	return req, runner.Down, err
}

// planSQL prints the plan as a script for psql.
func (t *terminal) planSQL(c *ucli.Context, r *runner.Runner, dir runner.Direction, req runner.UpRequest) error {
	var text strings.Builder
	var out io.Writer = t.raw
	if t.json {
		out = &text
	}
	p, err := r.WriteScript(c.Context, dir, req, out)
	if err != nil {
		return err
	}
	t.warnOf(p)
	o := t.planJSON(p)
	o.SQL = text.String()
	return t.finish(o)
}

func (t *terminal) planText(d *runner.Directory, p *runner.Plan) {
	if len(p.Actions)+len(p.Waiting) == 0 {
		t.say("nothing to do")
		return
	}
	width := 0
	for _, a := range p.Actions {
		width = max(width, utf8.RuneCountInString(d.Title(a.Version, a.Name)))
	}
	for _, a := range p.Actions {
		from := ""
		if a.FromRecord {
			from = ", recorded SQL"
		}
		switch {
		case a.Resumed && a.FirstStep >= len(a.Script.Steps):
			from += ", all its steps have run"
		case a.Resumed:
			from += fmt.Sprintf(", resuming at step %d", a.FirstStep+1)
		}
		from += registersText(a)
		t.say("%-4s %-*s  %s%s", p.Direction, width, d.Title(a.Version, a.Name), a.Script.Mode(), from)
		if a.Script.Mode() == runner.Stepwise {
			for i, s := range a.Script.Outline() {
				t.say("       %d  line %d: %s%s", i+1, s.Line, show.Clip(s.Statement, 70), howText(s, i < a.FirstStep))
			}
		}
	}
	if len(p.Actions) > 0 {
		t.say("%d to run, plan hash %s", len(p.Actions), p.Hash)
	}
	if len(p.Waiting) > 0 {
		t.say("%s", waitingText(p.Waiting, waitingReason(p)))
	}
}

// registersText says of a background file that up leaves its backfill to work.
func registersText(a runner.Action) string {
	switch {
	case !a.Registers():
		return ""
	case a.Rows == 0: // there is no estimate, or nothing to fill
		return ", registers its backfill"
	}
	return ", registers its backfill of about " + show.Things(a.Rows, "row")
}

func howText(s runner.StepOutline, done bool) string {
	switch {
	case done:
		return "  (done)"
	case s.Batch != "":
		return "  (in batches over " + s.Batch + ")"
	case s.Verb != "":
		return "  (outside of a transaction)"
	}
	return ""
}
