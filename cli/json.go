package cli

import (
	"errors"
	"time"

	"github.com/lib/pq"

	"rung/internal/secret"
	"rung/runner"
)

// The shapes that --json prints; docs/json.md describes them, and a test
// compares the two. Versions are strings, since they may be wider than a
// number that JavaScript keeps. Times are RFC 3339, durations milliseconds.

// jsonObject is any of them.
type jsonObject interface{ setError(*jsonError) }

// jsonResult is part of every object.
type jsonResult struct {
	OK    bool       `json:"ok"`
	Error *jsonError `json:"error"`
}

func (r *jsonResult) setError(e *jsonError) { r.OK, r.Error = e == nil, e }

type jsonError struct {
	Kind     string `json:"kind"`
	ExitCode int    `json:"exit_code"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	Standing string `json:"standing,omitempty"`

	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"`
	Col        int    `json:"col,omitempty"`
	Source     string `json:"source,omitempty"`
	Caret      int    `json:"caret,omitempty"`
	SQLState   string `json:"sqlstate,omitempty"`
	Detail     string `json:"detail,omitempty"`
	ServerHint string `json:"server_hint,omitempty"`
	Query      string `json:"query,omitempty"`
	Where      string `json:"where,omitempty"`
	Keys       string `json:"keys,omitempty"`
	KeyCount   int    `json:"key_count,omitempty"`
	Key        string `json:"key,omitempty"`

	Blockers []jsonBlocker    `json:"blockers,omitempty"`
	Problems []runner.Problem `json:"problems,omitempty"`
	Findings []runner.Finding `json:"findings,omitempty"`
	Reasons  []string         `json:"reasons,omitempty"`
}

type jsonBlocker struct {
	runner.Blocker
	AgeMS float64 `json:"age_ms"`
}

// describe takes an error apart.
func describe(err error) jsonError {
	d := jsonError{Message: messageOf(err)}
	d.Kind, d.ExitCode = kindOf(err)
	if e := pq.As(err); e != nil {
		d.SQLState, d.Detail, d.ServerHint, d.Where, d.Query = string(e.Code), e.Detail, e.Hint, e.Where, e.InternalQuery
	}
	var (
		statement *runner.StatementError
		stopped   *runner.StoppedError
		behind    *runner.BehindError
		bad       *runner.BadFilesError
		disagree  *runner.DisagreementError
		refusal   *runner.RefusalError
		program   *programError
	)
	if errors.As(err, &program) {
		d.Detail = program.others
	}
	if errors.As(err, &statement) {
		d.Standing, d.File, d.Line, d.Col = statement.Standing, statement.File, statement.Line, statement.Col
		d.Source, d.Caret, d.Keys = statement.Source, statement.Caret, statement.Keys
		d.KeyCount, d.Key = statement.KeyCount, statement.Key
		d.Blockers = jsonBlockers(statement.Blockers)
	}
	if errors.As(err, &stopped) {
		d.Message, d.Standing = stopped.Cause.Error(), stopped.Where
	}
	if errors.As(err, &behind) {
		d.Standing = behind.Standing
	}
	if errors.As(err, &bad) {
		d.Problems = bad.Problems
	}
	if errors.As(err, &refusal) {
		d.Reasons = refusal.Each
	}
	if errors.As(err, &disagree) {
		d.Findings = disagree.Findings
	}
	if statement != nil && statement.Part == runner.InHistory {
		d.Where, d.Query = "", "" // rung's own SQL
	}
	d.Hint = hintOf(err)
	d.Source, d.Caret = excerpt(secret.Mask(d.Source), d.Caret) // which may cut a password in two
	if d.Kind == "usage" {                                      // it may repeat what was typed
		d.Message = secret.MaskWords(d.Message)
	}
	return d
}

func jsonBlockers(bs []runner.Blocker) []jsonBlocker {
	out := []jsonBlocker{}
	for _, b := range bs {
		out = append(out, jsonBlocker{b, millis(b.Age)})
	}
	return out
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
	// Waiting are the files that up --no-batches left behind.
	Waiting  []string         `json:"waiting,omitempty"`
	PlanHash string           `json:"plan_hash"`
	Findings []runner.Finding `json:"findings"`
	Warnings []runner.Problem `json:"warnings"`
}

type jsonDone struct {
	Direction  runner.Direction `json:"direction"`
	Version    runner.Version   `json:"version"`
	Name       string           `json:"name"`
	File       string           `json:"file"`
	Steps      int              `json:"steps"`
	DurationMS float64          `json:"duration_ms"`
	Backfills  []jsonBackfill   `json:"backfills,omitempty"`
}

func (t *terminal) runJSON(command string, rep *runner.Report) *jsonRun {
	o := &jsonRun{Command: command, Run: rep.Run, Done: []jsonDone{}, Findings: []runner.Finding{}, Warnings: list(t.warnings)}
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
		o.PlanHash, o.Findings, o.Waiting = rep.Plan.Hash, list(rep.Plan.Warnings), waitingFiles(rep.Plan.Waiting)
	}
	return o
}

func doneJSON(d runner.Done) jsonDone {
	return jsonDone{d.Direction, d.Version, d.Name, d.File, d.Steps, millis(d.Duration), backfillsJSON(d.Backfills)}
}

// list is never null in JSON.
func list[T any](s []T) []T { return append([]T{}, s...) }

// jsonTime is nil for a time that is not known.
func jsonTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
