package fault

import (
	"errors"

	"github.com/lib/pq"

	"rung/internal/excerpt"
	"rung/internal/secret"
	"rung/runner"
)

// Describe takes an error apart.
func Describe(err error) Description {
	d := Description{Message: Message(err)}
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
		program   *ProgramError
	)
	if errors.As(err, &program) {
		d.Detail = program.Others
	}
	if errors.As(err, &statement) {
		d.Standing, d.File, d.Line, d.Col = statement.Standing, statement.File, statement.Line, statement.Col
		d.Source, d.Caret, d.Keys = statement.Source, statement.Caret, statement.Keys
		d.KeyCount, d.Key = statement.KeyCount, statement.Key
		d.Blockers = Blockers(statement.Blockers)
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
	d.Source, d.Caret = excerpt.Around(secret.Mask(d.Source), d.Caret) // which may cut a password in two
	if d.Kind == "usage" {                                             // it may repeat what was typed
		d.Message = secret.MaskWords(d.Message)
	}
	return d
}
