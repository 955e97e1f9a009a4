package runner

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

func (w *worker) statementWords(run plan.StepRun) files.Words {
	return files.Words(run.Script.Parsed.Statements[run.Step().First].Words)
}

// concurrently is the word that stands last in a DETACH PARTITION, save for
// comments.
var concurrently = lazyre.New(`(?is)\bCONCURRENTLY\b(?:[\s;]|--[^\n]*|/\*.*?\*/)*$`)

// lockTimeoutOutside is none for the CONCURRENTLY forms, unless the file has
// one: there it would only cancel the wait for old snapshots and leave an
// INVALID index.
func (w *worker) lockTimeoutOutside(s *files.Script, step files.Step) time.Duration {
	if strings.Contains(step.Verb, "CONCURRENTLY") && s.LockTimeout == nil {
		return 0
	}
	return w.lockTimeout(s)
}

// sessionLimits are the SETs of the timeouts for a statement outside of a
// transaction, but only where the session has others: behind PgBouncer a SET
// may reach another server.
func (w *worker) sessionLimits(ctx context.Context, run plan.StepRun) (set string, err error) {
	step := run.Step()
	var nowLock, nowStatement string
	err = w.s.Query(ctx, w.book.SQL("session_limits", nil), func(rows *sql.Rows) error {
		return rows.Scan(&w.s.PID, &nowLock, &nowStatement)
	})
	if err != nil {
		return "", err
	}
	w.attendant.Process(w.s.PID)
	differs := func(name, now string, want time.Duration) {
		if d, err := files.ParseDuration(now); (err != nil || d != want) && !run.Script.SetsItself(step, name) {
			set += "SET " + name + " = " + pgtext.Literal(files.Millis(want)) + ";\n"
		}
	}
	differs("lock_timeout", nowLock, w.lockTimeoutOutside(run.Script, step))
	if want, ok := w.statementTimeout(run.Script); ok {
		differs("statement_timeout", nowStatement, want)
	}
	return set, nil
}

// sessionRole takes --role on for the session, so that the file's own SET ROLE
// comes after it.
func (w *worker) sessionRole() string {
	if w.cfg.Role == "" {
		return ""
	}
	return "SET ROLE " + pgtext.Ident(w.cfg.Role) + ";\n"
}

// limits are the settings that a transaction of the script starts with.
func (w *worker) limits(s *files.Script) string {
	var b strings.Builder
	set := func(name string, d time.Duration) {
		b.WriteString("SET LOCAL " + name + " = " + pgtext.Literal(files.Millis(d)) + ";\n")
	}
	set("lock_timeout", w.lockTimeout(s))
	if d, ok := w.statementTimeout(s); ok {
		set("statement_timeout", d)
	}
	return b.String()
}

func (w *worker) lockTimeout(s *files.Script) time.Duration {
	if s.LockTimeout != nil {
		return *s.LockTimeout
	}
	return w.cfg.LockTimeout
}

func (w *worker) statementTimeout(s *files.Script) (d time.Duration, ok bool) {
	if s.StatementTimeout != nil {
		return *s.StatementTimeout, true
	}
	return max(w.cfg.StatementTimeout, 0), w.cfg.StatementTimeout != 0
}
