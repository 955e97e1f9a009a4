package cli

import (
	"fmt"

	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

func planCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "plan",
		Usage: "show what up would do: files, mode, steps, and a hash that up --plan-hash insists on",
		Flags: append(append(upFlags(), chooseFlags()...),
			&ucli.BoolFlag{Name: "down", Usage: "show what down would do"},
			&ucli.BoolFlag{Name: "sql", Usage: "print one psql script that does the same by hand, bookkeeping included"},
		),
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			req, dir, err := planRequest(c)
			if err != nil {
				return err
			}
			_, r, err := t.open(c)
			if err != nil {
				return err
			}
			if c.Bool("sql") && !t.json {
				_, err = r.WriteScript(c.Context, dir, req, t.out)
				return err
			}
			p, err := r.Plan(c.Context, dir, req)
			if err != nil {
				return err
			}
			t.planText(p)
			return t.finish(planJSON(p))
		},
	}
}

func planRequest(c *ucli.Context) (runner.UpRequest, runner.Direction, error) {
	req, err := upRequest(c)
	if !c.Bool("down") || err != nil {
		return req, runner.Up, err
	}
	req.Request, err = downRequest(c)
	return req, runner.Down, err
}

func (t *terminal) planText(p *runner.Plan) {
	for _, f := range p.Warnings {
		t.listener()(runner.Warned{Finding: f})
	}
	if len(p.Actions) == 0 {
		t.say("nothing to do")
		return
	}
	for _, a := range p.Actions {
		from := ""
		if a.FromRecord {
			from = ", from the record"
		}
		if a.Resumed {
			from += fmt.Sprintf(", going on at step %d", a.FirstStep+1)
		}
		t.say("%-4s %s_%s  %s%s", p.Direction, a.Version, a.Name, a.Script.Mode(), from)
		if a.Script.Mode() == runner.Stepwise {
			for i, s := range a.Script.Outline() {
				t.say("       %d  line %d: %s%s", i+1, s.Line, clip(s.Statement, 70), outsideText(s.Verb))
			}
		}
	}
	t.say("%d to run, plan hash %s", len(p.Actions), p.Hash)
}

func outsideText(verb string) string {
	if verb == "" {
		return ""
	}
	return "  (outside of a transaction)"
}

type jsonPlan struct {
	jsonResult
	Direction  runner.Direction `json:"direction"`
	Hash       string           `json:"hash"`
	Migrations []jsonAction     `json:"migrations"`
	Warnings   []runner.Finding `json:"warnings"`
}

type jsonAction struct {
	Version    runner.Version       `json:"version"`
	Name       string               `json:"name"`
	File       string               `json:"file"`
	Checksum   string               `json:"checksum"`
	Mode       runner.Mode          `json:"mode"`
	FromRecord bool                 `json:"from_record"`
	Resumed    bool                 `json:"resumed"`
	FirstStep  int                  `json:"first_step"`
	Steps      []runner.StepOutline `json:"steps"`
}

func planJSON(p *runner.Plan) *jsonPlan {
	o := &jsonPlan{Direction: p.Direction, Hash: p.Hash, Migrations: []jsonAction{}, Warnings: append([]runner.Finding{}, p.Warnings...)}
	for _, a := range p.Actions {
		o.Migrations = append(o.Migrations, jsonAction{
			Version: a.Version, Name: a.Name, File: a.Script.Path, Checksum: a.Script.Checksum, Mode: a.Script.Mode(),
			FromRecord: a.FromRecord, Resumed: a.Resumed, FirstStep: a.FirstStep + 1, Steps: a.Script.Outline(),
		})
	}
	return o
}
