package backfill

import (
	"rung/runner/internal/exec"
)

// prepare begins a batch's transaction, with what comes first in it, up to its
// statements: READ COMMITTED, whatever the default, since a second statement
// must see what the first one waited for. Watch comes behind the file's SETs.
func (b *backfill) prepare(x *exec.Session, first, watch string) (*exec.Sender, error) {
	s := x.NewSender(b.batchCtx, b.run)
	s.Say("BEGIN ISOLATION LEVEL READ COMMITTED;\n")
	if err := s.OpenOnCluster(); err != nil {
		return nil, err
	}
	s.Say(x.History.SetRole() + x.Limits.Local(b.run.Script) + x.History.FilePath() + first + b.walk.session + watch)
	for i := s.Step.First; i < s.Step.Last; i++ {
		s.Mark(i)
		s.Say("PREPARE " + prepared(s.Step, i) + b.walk.parameters() + " AS ")
		s.Message.Prepared(b.run.Script, i)
	}
	return s, nil
}

// prepareOnly lets the server read the statements and does not run them.
func (b *backfill) prepareOnly() error {
	b.batchCtx = b.ctx
	s, err := b.prepare(b.x, "", "")
	if err != nil {
		return err
	}
	s.Decides = true
	s.Say("ROLLBACK;\n" + b.x.History.SQL("reset", nil))
	return s.Flush()
}
