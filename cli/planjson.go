package cli

import (
	"rung/cli/internal/show"
	"rung/internal/secret"
	"rung/proof"
	"rung/runner"
)

type jsonPlan struct {
	jsonResult
	Direction  runner.Direction `json:"direction"`
	Hash       string           `json:"hash"`
	Waiting    []string         `json:"waiting,omitempty"`
	WaitsFor   []runner.Version `json:"waits_for,omitempty"`
	Migrations []jsonAction     `json:"migrations"`
	Findings   []runner.Finding `json:"findings"`
	Warnings   []runner.Problem `json:"warnings"`
	SQL        string           `json:"sql,omitempty"`
	// Found and Observed are those of --observe.
	Found    []proof.ReviewFinding `json:"found,omitempty"`
	Observed []proof.Observed      `json:"observed,omitempty"`
}

// observed adds what the statements were seen to do.
func (o *jsonPlan) observed(r *proof.ReviewReport) {
	o.Found, o.Observed = values(r.Findings), values(r.Statements)
	for i := range o.Observed {
		o.Observed[i].SQL = secret.Mask(o.Observed[i].SQL)
	}
}

type jsonAction struct {
	Version    runner.Version       `json:"version"`
	Name       string               `json:"name"`
	File       string               `json:"file"`
	Checksum   string               `json:"checksum"`
	Mode       runner.Mode          `json:"mode"`
	FromRecord bool                 `json:"from_history"`
	Resumed    bool                 `json:"resumed"`
	FirstStep  int                  `json:"first_step"`
	Steps      []runner.StepOutline `json:"steps"`
	// Registers is true where up leaves the backfill to work, and Rows is about how many
	// rows it has.
	Registers bool  `json:"registers,omitempty"`
	Rows      int64 `json:"rows,omitempty"`
}

func (t *terminal) planJSON(p *runner.Plan) *jsonPlan {
	o := &jsonPlan{Direction: p.Direction, Hash: p.Hash, Migrations: []jsonAction{}, Findings: show.List(p.Warnings), Warnings: show.List(t.warnings)}
	o.Waiting, o.WaitsFor = waitingFiles(p.Waiting), p.WaitsFor
	for _, a := range p.Actions {
		o.Migrations = append(o.Migrations, jsonAction{
			Version: a.Version, Name: a.Name, File: a.Script.Path, Checksum: a.Script.Checksum, Mode: a.Script.Mode(),
			FromRecord: a.FromRecord, Resumed: a.Resumed, FirstStep: a.FirstStep + 1, Steps: a.Script.Outline(), Registers: a.Registers(), Rows: a.Rows,
		})
	}
	return o
}
