package runner

import (
	"context"
	"time"

	"rung/runner/internal/exec"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// grouped are actions that travel in one message.
type grouped struct {
	ap *applier
	*exec.Group
}

// applyNext applies the first of the actions, and with it those behind it that
// fit its message. It returns how many are in place.
func (ap *applier) applyNext(ctx context.Context, actions []plan.Action) (int, error) {
	if len(actions) == 1 {
		return 1, ap.applyOne(ctx, actions[0])
	}
	g := grouped{ap, ap.session.Gather(ctx, actions, ap.announce, ap.done)}
	if len(g.Actions) < 2 || ctx.Err() != nil || !ap.session.Monitor.Held() {
		return 1, ap.applyOne(ctx, actions[0])
	}
	err := g.Send(ctx)
	switch {
	case err == nil:
		return len(g.Actions), nil
	case ctx.Err() != nil || pgconn.IsLost(err) || !ap.session.Conn.Alive():
		return g.settleEach(ctx, err)
	case !g.Heard():
		return g.eachAlone(ctx)
	}
	_, err = g.applyAfter(ctx, g.At, err)
	return g.At + 1, err
}

// applyAfter continues action i, to which a failed message was the first
// attempt.
func (g grouped) applyAfter(ctx context.Context, i int, err error) (settled bool, _ error) {
	f, announced := g.Failed(i, err)
	return g.ap.applyAfter(ctx, g.Actions[i], f, announced)
}

// settleEach finds out how far a message came whose answer was lost. The
// history tells, of one action after the other: the server may have got further
// than the last progress notice that was heard.
func (g grouped) settleEach(ctx context.Context, err error) (int, error) {
	process := g.ap.session.Conn.PID
	for i := g.At; i < len(g.Actions); i++ {
		// It has all of the message: while it lives, the next action may only be about to begin.
		g.ap.session.Conn.PID = process
		settled, err := g.applyAfter(ctx, i, err)
		if err != nil {
			return i, err
		}
		if !settled {
			return i + 1, nil
		}
	}
	return len(g.Actions), nil
}

// eachAlone applies the actions one by one, where nothing of the message ran:
// the server reads all of it before it runs any, and a syntax error far behind
// must not keep those before it.
func (g grouped) eachAlone(ctx context.Context) (int, error) {
	if err := g.ap.session.Rollback(ctx, nil); err != nil {
		return 0, err
	}
	announced := g.Began
	for i, a := range g.Actions {
		if err := g.ap.applyAnnounced(ctx, a, announced); err != nil {
			return i, err
		}
		announced = time.Time{}
	}
	return len(g.Actions), nil
}
