package runner

import (
	"rung/runner/internal/exec"
)

// prepare begins a batch's transaction, with what comes first in it, up to its
// statements: READ COMMITTED, whatever the default, since a second statement
// must see what the first one waited for. Watch comes behind the file's SETs.
func (b *backfill) prepare(w *worker, first, watch string) (*exec.Sender, error) {
	s := w.session.NewSender(b.batchCtx, b.run)
	s.Say("BEGIN ISOLATION LEVEL READ COMMITTED;\n")
	if err := s.OpenOnCluster(); err != nil {
		return nil, err
	}
	s.Say(w.book.SetRole() + w.session.Limits.Local(b.run.Script) + w.book.FilePath() + first + b.walk.session + watch)
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
	s, err := b.prepare(b.w, "", "")
	if err != nil {
		return err
	}
	s.Decides = true
	s.Say("ROLLBACK;\n" + b.w.book.SQL("reset", nil))
	return s.Flush()
}
