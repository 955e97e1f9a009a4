package runner

// prepare begins a batch's transaction, with what comes first in it, up to its
// statements: READ COMMITTED, whatever the default, since a second statement
// must see what the first one waited for. Watch comes behind the file's SETs.
func (b *backfill) prepare(w *worker, first, watch string) (*sender, error) {
	s := w.newSender(b.batchCtx, b.run)
	s.say("BEGIN ISOLATION LEVEL READ COMMITTED;\n")
	if err := s.openOnCluster(); err != nil {
		return nil, err
	}
	s.say(w.book.SetRole() + w.limits(b.run.Script) + w.book.FilePath() + first + b.walk.session + watch)
	for i := s.step.First; i < s.step.Last; i++ {
		s.mark(i)
		s.say("PREPARE " + prepared(s.step, i) + b.walk.parameters() + " AS ")
		s.m.Prepared(b.run.Script, i)
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
	s.decides = true
	s.say("ROLLBACK;\n" + b.w.book.SQL("reset", nil))
	return s.flush()
}
