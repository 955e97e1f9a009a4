package runner

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/lib/pq"

	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// Short transactional files travel in groups: one message carries the
// transactions of several, one after the other, each with its history entry, its
// COMMIT and the reset behind it. The server stops at the first error, so what
// comes behind it has not begun. Their marks tell how far it is.

// A group has no more files than this, and no more bytes of them: a person who
// looks at pg_stat_activity still finds what runs, and memory stays flat.
const (
	groupFiles = 64
	groupBytes = 64 << 10
)

// group is a message with the transactions of several actions.
type group struct {
	w       *worker
	actions []plan.Action
	senders []*sender // one for each
	message *pgconn.Message

	mu    sync.Mutex
	at    int // the action that runs, by the last mark
	sent  time.Time
	began time.Time // when that action did, by the server's clock since the message came
	ended time.Time // when the last one had
}

// applyNext applies the first of the actions, and with it those behind it that
// fit its message. It returns how many are in place.
func (w *worker) applyNext(ctx context.Context, actions []plan.Action) (int, error) {
	g := w.gather(ctx, actions)
	if len(g.actions) < 2 || ctx.Err() != nil || !w.attendant.Held() {
		return 1, w.applyOne(ctx, actions[0])
	}
	err := g.send(ctx)
	switch {
	case err == nil:
		return len(g.actions), nil
	case ctx.Err() != nil || pgconn.IsLost(err) || !w.s.Alive():
		return g.settleEach(ctx, err)
	case !g.heard():
		return g.eachAlone(ctx)
	}
	_, err = g.applyAfter(ctx, g.at, err)
	return g.at + 1, err
}

// gather puts the actions from the first on into one message, as far as they
// may travel together.
func (w *worker) gather(ctx context.Context, actions []plan.Action) *group {
	g := &group{w: w, message: &pgconn.Message{}}
	var size int64
	for i, a := range actions {
		if size += a.Script.Size; i == groupFiles || size > groupBytes || !a.Travels() || w.cluster.on {
			break
		}
		t := w.newSender(ctx, a.At(0))
		t.m, t.nonce, t.grouped, t.behind = g.message, w.nonce(i), true, i > 0
		if t.fill(a.At(0)) != nil {
			break // it is said when the action's own turn has come
		}
		// The reset has a transaction of its own: without one it would become part
		// of the next file's (xact.c, BeginTransactionBlock), which it must precede.
		t.say("COMMIT AND CHAIN;\n" + pgconn.SilentMarkWithClock(w.nonce(i+1), pgconn.MarkRecord) + w.book.SQL("reset", nil) + "COMMIT;\n")
		g.actions, g.senders = append(g.actions, a), append(g.senders, t)
	}
	return g
}

// nonce is that of the marks of action i of a group; the last one comes behind
// all of them.
func (w *worker) nonce(i int) string { return w.run + "." + strconv.Itoa(i) }

// send runs the message. What is in place is reported as the marks come.
func (g *group) send(ctx context.Context) error {
	g.sent = time.Now()
	g.start(g.sent)
	blockers, err := g.w.watched(g.hear, g.now, func() error {
		return g.w.s.ExecHearing(ctx, g.message.Text.String(), func(mark string) { g.hear(&pq.Error{Message: mark}) })
	})
	if err != nil {
		return &failure{err: err, message: g.message, blockers: blockers}
	}
	for g.at < len(g.actions)-1 { // unless a notice was lost, it is there
		g.next(g.began)
	}
	g.finish(g.ended)
	return nil
}

// hear takes marks in. One of the next action says that this one is committed.
func (g *group) hear(n *pq.Error) {
	if _, _, ok := pgconn.ReadMark(g.w.nonce(g.at+1), n.Message); ok {
		at := time.Now()
		if after, ok := pgconn.ReadClock(n.Message); ok {
			at = g.sent.Add(after)
		}
		if g.at+1 == len(g.actions) {
			g.ended = at
			return
		}
		g.next(at)
	}
	g.senders[g.at].hear(n)
}

// heard reports whether any mark came.
func (g *group) heard() bool { return g.at > 0 || g.senders[0].running() != pgconn.MarkRecord }

// now is what the session does at the moment.
func (g *group) now() lock.Task {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.senders[g.at].now()
}

// next says that the action that ran is in place, and the next one began at that
// time.
func (g *group) next(at time.Time) {
	g.finish(at)
	g.mu.Lock()
	g.at++
	g.mu.Unlock()
	g.start(at)
}

func (g *group) start(at time.Time) {
	g.began = at
	g.w.announce(g.actions[g.at])
}

// finish is for an action that was over at that time; how long it took is not
// known where a notice was lost.
func (g *group) finish(at time.Time) { g.w.done(g.actions[g.at], max(at.Sub(g.began), 0)) }

// applyAfter goes on with action i, to which a failed message was the first
// attempt.
func (g *group) applyAfter(ctx context.Context, i int, err error) (settled bool, _ error) {
	f := *err.(*failure) //nolint:errorlint // send makes no other
	f.sender, f.statement = g.senders[i], g.senders[i].running()
	var announced time.Time
	if i == g.at {
		announced = g.began
	}
	return g.w.applyAfter(ctx, g.actions[i], &f, announced)
}

// settleEach finds out how far a message came whose answer was lost. The
// record tells, of one action after the other: the server may have got further
// than the last mark that was heard.
func (g *group) settleEach(ctx context.Context, err error) (int, error) {
	for i := g.at; i < len(g.actions); i++ {
		settled, err := g.applyAfter(ctx, i, err)
		if err != nil {
			return i, err
		}
		if !settled {
			return i + 1, nil
		}
	}
	return len(g.actions), nil
}

// eachAlone applies the actions one by one, where nothing of the message ran:
// the server reads all of it before it runs any, and a syntax error far behind
// must not keep those before it.
func (g *group) eachAlone(ctx context.Context) (int, error) {
	if err := g.w.rollback(ctx, nil); err != nil {
		return 0, err
	}
	announced := g.began
	for i, a := range g.actions {
		if err := g.w.applyAnnounced(ctx, a, announced); err != nil {
			return i, err
		}
		announced = time.Time{}
	}
	return len(g.actions), nil
}
