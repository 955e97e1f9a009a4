package exec

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"rung/internal/citus"
	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// concurrently is the word that stands last in a DETACH PARTITION, save for
// comments.
var concurrently = lazyre.New(`(?is)\bCONCURRENTLY\b(?:[\s;]|--[^\n]*|/\*.*?\*/)*$`)

// sessionLimits are the SETs of the timeouts for a statement outside of a
// transaction, but only where the session has others: behind PgBouncer a SET
// may reach another server.
func (x *Session) sessionLimits(ctx context.Context, run plan.StepRun) (set string, err error) {
	step := run.Step()
	var nowLock, nowStatement string
	err = x.Conn.Query(ctx, x.History.SQL("session_limits", nil), func(rows *sql.Rows) error {
		return rows.Scan(&x.Conn.PID, &nowLock, &nowStatement)
	})
	if err != nil {
		return "", err
	}
	x.Monitor.Process(x.Conn.PID)
	differs := func(name, now string, want time.Duration) {
		if d, err := files.ParseDuration(now); (err != nil || d != want) && !run.Script.SetsItself(step, name) {
			set += "SET " + name + " = " + pgtext.Literal(files.Millis(want)) + ";\n"
		}
	}
	differs("lock_timeout", nowLock, x.Limits.Outside(run.Script, step))
	if want, ok := x.Limits.StatementTimeout(run.Script); ok {
		differs("statement_timeout", nowStatement, want)
	}
	return set, nil
}

// SessionRole takes --role on for the session, so that the file's own SET ROLE
// comes after it.
func (x *Session) SessionRole() string {
	if x.History.Role == "" {
		return ""
	}
	return "SET ROLE " + pgtext.Ident(x.History.Role) + ";\n"
}

// Limits are those of the run; a script may have its own.
type Limits struct{ Lock, Statement time.Duration }

// Local are the settings that a transaction of the script starts with.
func (l Limits) Local(s *files.Script) string {
	var b strings.Builder
	set := func(name string, d time.Duration) {
		b.WriteString("SET LOCAL " + name + " = " + pgtext.Literal(files.Millis(d)) + ";\n")
	}
	set("lock_timeout", l.LockTimeout(s))
	if d, ok := l.StatementTimeout(s); ok {
		set("statement_timeout", d)
	}
	return b.String()
}

// Propagated are those of them that the shards of a Citus cluster must have too.
func (l Limits) Propagated(s *files.Script) []string {
	return citus.Propagated("lock_timeout = " + pgtext.Literal(files.Millis(l.LockTimeout(s))))
}

// LockTimeout is how long a statement of the script waits for a lock.
func (l Limits) LockTimeout(s *files.Script) time.Duration {
	if s.LockTimeout != nil {
		return *s.LockTimeout
	}
	return l.Lock
}

// StatementTimeout is how long one may run. Ok is false where the server decides.
func (l Limits) StatementTimeout(s *files.Script) (d time.Duration, ok bool) {
	if s.StatementTimeout != nil {
		return *s.StatementTimeout, true
	}
	return max(l.Statement, 0), l.Statement != 0
}

// Outside is none for the CONCURRENTLY forms, unless the file has
// one: there it would only cancel the wait for old snapshots and leave an
// INVALID index.
func (l Limits) Outside(s *files.Script, step files.Step) time.Duration {
	if strings.Contains(step.Verb, "CONCURRENTLY") && s.LockTimeout == nil {
		return 0
	}
	return l.LockTimeout(s)
}
