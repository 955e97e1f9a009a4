package exec

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
	"time"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// A statement outside of a transaction is a message of its own, and the SETs
// that it needs go before it in another one. A pooler in transaction mode may
// hand the two to different servers: then the statement means other tables, or
// runs as another role, and the SETs stay behind for other clients. So the SETs
// leave a token in the session, and rung looks for it before the statement is
// sent and again after it. Only a token that is gone is held against anybody:
// what lies between rung and the server, an address or a process cannot tell.

// fileSession is the session as a step's file has set it.
type fileSession struct {
	x     *Session
	run   plan.StepRun
	nonce string
	// sent names what a pooler may lose. Mere limits do not decide what a
	// statement does.
	sent       string
	onlyLimits bool
	// since is the server's time when the token was last seen, or nil.
	since any
}

// AsFile does something outside of a transaction as the file would: with
// --role, the SETs that the file has before the step, and the limits that its
// statement needs.
func (x *Session) AsFile(ctx context.Context, run plan.StepRun, do func() error) error {
	return x.asFileWith(ctx, run, "", do)
}

// asFileWith is asFile with further SETs of rung's own.
func (x *Session) asFileWith(ctx context.Context, run plan.StepRun, more string, do func() error) error {
	limits, err := x.sessionLimits(ctx, run)
	if err != nil {
		return err
	}
	limits += more
	step, role := run.Step(), x.SessionRole()+x.History.SessionPath()
	if role+limits == "" && len(step.Session) == 0 {
		return do()
	}
	f := &fileSession{x: x, run: run, nonce: rand.Text()}
	f.sent, f.onlyLimits = x.sentAhead(len(step.Session), limits)
	t := x.NewSender(ctx, run)
	t.Say(role)
	for _, i := range step.Session {
		t.Message.Statement(run.Script, i)
	}
	t.Say(limits + x.History.SQL("session_mark", store.Values{"nonce": f.nonce}))
	if err := t.Flush(); err != nil {
		x.tryReset(ctx, x.resetAfter(run))
		return err
	}
	defer f.takeBack(ctx)
	return f.do(ctx, do)
}

// sentAhead puts what goes before a statement into words.
func (x *Session) sentAhead(sets int, limits string) (what string, onlyLimits bool) {
	var all []string
	if sets > 0 {
		all = append(all, "the file's SETs")
	}
	if x.History.Role != "" {
		all = append(all, "--role")
	}
	if x.History.Scope != "" {
		all = append(all, "the search_path of "+x.History.Scope)
	}
	if len(all) == 0 {
		return "the statement's " + strings.Fields(limits)[1], true
	}
	return strings.Join(all, " and "), false
}

// do does it between two looks for the token.
func (f *fileSession) do(ctx context.Context, do func() error) error {
	here, err := f.here(ctx)
	if err != nil {
		return err
	}
	if !here {
		return f.failure(&pgconn.StrayedError{Sent: f.sent, OnlyLimits: f.onlyLimits})
	}
	err = do()
	if f.onlyLimits || ctx.Err() != nil || err != nil && pgconn.IsLost(err) {
		return err
	}
	here, e := f.here(ctx)
	var failed *Failure
	switch {
	case err == nil && e != nil:
		return e
	case e != nil || here:
		return err
	case err == nil:
		return f.failure(&pgconn.StrayedError{Sent: f.sent, Ran: true})
	case errors.As(err, &failed):
		failed.Err = &pgconn.StrayedError{Sent: f.sent, Ran: true, Cause: failed.Err}
	}
	return err
}

// here reports whether the session is the one that the SETs went to, and no other
// has run the step's statement since.
func (f *fileSession) here(ctx context.Context) (here bool, err error) {
	var elsewhere bool
	var now int64
	// The token's end stands apart, so that the look does not have it.
	q := f.x.History.SQL("session_here", store.Values{"nonce": f.nonce, "mark": strings.TrimSuffix(stepMark(f.x.History, f.run), "*/ "), "since": f.since})
	err = f.x.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&f.x.Conn.PID, &here, &elsewhere, &now) })
	if err != nil {
		return false, f.failure(err)
	}
	f.x.Monitor.Process(f.x.Conn.PID)
	f.since = now
	return here && !elsewhere, nil
}

func (f *fileSession) failure(err error) error {
	return AtStep(f.run, err)
}

// takeBackLimit is how long to look for the server that has the SETs.
const takeBackLimit = 2 * time.Second

// takeBack resets the session. Where a pooler answers with another one, it asks
// again, until it gets the one that has the token or the time is over.
func (f *fileSession) takeBack(ctx context.Context) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), pgconn.CancelGrace)
	defer cancel()
	q := f.x.History.SQL("session_marked", store.Values{"nonce": f.nonce}) + f.x.resetAfter(f.run)
	began, b := time.Now(), pgconn.NewBackoff(5*time.Millisecond, 100*time.Millisecond)
	for here := false; !here && time.Since(began) < takeBackLimit; {
		err := f.x.Conn.Query(limited, q, func(rows *sql.Rows) error { return rows.Scan(&here) })
		if err != nil || !here && b.Sleep(limited) != nil {
			return // a lost session has nothing to reset
		}
	}
}
