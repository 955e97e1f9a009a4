package runner

import (
	"context"

	"github.com/lib/pq"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// recording writes to the history what runs no file: baseline, repair, adopt.
type recording struct {
	session *exec.Session
	history *store.History // that of the session
	dir     *files.Directory
	report  *Report
	note    string // that of the run
}

// recording is what this run records by.
func (w *worker) recording() recording {
	return recording{session: w.session, history: w.history, dir: w.cfg.Dir, report: w.report, note: w.cfg.Note}
}

// sayRecorded adds what records a migration as applied that did not run here, and
// returns its values. Without a note the log has the run's.
func (r recording) sayRecorded(m *pgconn.Message, mig *files.Migration, action string, note any) (store.Values, error) {
	a := plan.Action{Direction: files.Up, Version: mig.Version, Name: mig.Name, Script: mig.Up, Migration: mig}
	v := r.history.Values(a.At(0))
	if err := r.history.AddFiles(a, v); err != nil {
		return nil, err
	}
	v["state"], v["action"] = string(plan.Applied), action
	v["checksum"] = mig.Up.Checksum
	if note != nil {
		v["note"] = note
	}
	m.Say(r.history.SQL("claim_up", v) + r.history.SQL("log", v))
	return v, nil
}

// write sends bookkeeping that runs no file, and forgets the report's
// acceptances where it failed.
func (r recording) write(ctx context.Context, m *pgconn.Message) error {
	m.Say("COMMIT")
	err := r.session.Conn.Exec(ctx, m.Text.String())
	if err != nil {
		r.report.Accepted = nil
		return r.session.Rollback(context.WithoutCancel(ctx), writingFailed(err))
	}
	return nil
}

// keepTexts keeps the texts that a scope's history is about to name, before anything
// else is done.
func (w *worker) keepTexts(ctx context.Context, j job) error {
	if j.texts == nil {
		return nil
	}
	texts := w.history.ScopesTexts(j.texts(w))
	known := w.cfg.Sessions.known()
	if len(texts) == 0 || known.areKept(checksumsOf(texts)) {
		return nil
	}
	err := w.history.KeepTexts(ctx, w.session.Conn, texts, w.session.Limits.Local(&files.Script{}))
	if err == nil {
		known.keeps(checksumsOf(texts))
	}
	if pq.As(err) != nil && !pgconn.IsLost(err) {
		err = w.session.Rollback(context.WithoutCancel(ctx), writingFailed(err))
	}
	return notBegun(ctx, err)
}

func checksumsOf(texts []*files.Script) (all []string) {
	for _, f := range texts {
		all = append(all, f.Checksum)
	}
	return all
}
