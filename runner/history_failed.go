package runner

import (
	"context"
	"errors"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/secret"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// logFailedLimit is how long to try to keep a failed attempt.
const logFailedLimit = 3 * time.Second

// logFailed keeps a failed attempt in the log, in a transaction of its own that
// cannot make things worse: it waits for nobody, and where it fails too, that is
// said to those who want to hear of everything, and the error is the one that was.
func (k *outcomes) logFailed(ctx context.Context, err error) {
	f, ok := k.failure(err)
	if !ok || !k.session.Conn.Alive() {
		return
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), logFailedLimit)
	defer cancel()
	a, start := k.at.Action, k.session.History.Start
	v := store.Values{
		"action": string(a.Direction) + "-failed", "version": a.Version, "name": a.Name, "checksum": a.Script.Checksum,
		"run": k.session.History.Run, "rung_version": k.session.History.RungVersion,
		"file": start.Storable(f.File), "line": f.Line, "col": f.Col, "step": f.Step, "sqlstate": start.Storable(f.SQLState), "message": start.Storable(f.Message),
	}
	k.session.History.AddOrigin(v)
	if e := k.session.Conn.Exec(limited, k.session.History.SQL("log_failed", v)); e != nil {
		_ = k.session.Conn.Exec(limited, "ROLLBACK")
		k.emit(NotLogged{File: f.File, Err: e})
	}
}

// failure is what the log keeps of an error. Ok is false for one that is no
// failure of a migration: the run was stopped, or lost its connection or its
// lock, or the server takes no writes.
func (k *outcomes) failure(err error) (f Failure, ok bool) {
	var (
		stopped   *StoppedError
		paused    *PausedError
		unreach   *pgconn.UnreachableError
		stale     *stalePlanError
		conflict  *conflictError
		statement *StatementError
	)
	if err == nil || k.at == nil || pgconn.IsLost(err) || errors.As(err, &stopped) || errors.As(err, &paused) || errors.As(err, &unreach) ||
		errors.As(err, &stale) || errors.As(err, &conflict) || pq.As(err, pqerror.ReadOnlySQLTransaction) != nil {
		return f, false
	}
	f = Failure{File: k.at.Script.Path, Step: k.at.Number(), Message: err.Error()}
	if errors.As(err, &statement) {
		f.File, f.Line, f.Col, f.Message = statement.File, statement.Line, statement.Col, statement.said()
	}
	if e := pq.As(err); e != nil {
		f.SQLState = string(e.Code)
	}
	f.Message = secret.Mask(f.Message)
	return f, true
}
