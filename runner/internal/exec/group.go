package exec

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
// comes behind it has not begun. Their progress notices tell how far it is.

// A group has no more files than this, and no more bytes of them: a person who
// looks at pg_stat_activity still finds what runs, and memory stays flat.
const (
	groupFiles = 64
	groupBytes = 64 << 10
)

// Group is a message with the transactions of several actions.
type Group struct {
	x       *Session
	Actions []plan.Action
	senders []*Sender // one for each
	message *pgconn.Message

	mu    sync.Mutex
	At    int // the action that runs, by the last progress notice
	sent  time.Time
	Began time.Time // when that action did, by the server's clock since the message came
	ended time.Time // when the last one had

	// started and finished are told of each action.
	started  func(plan.Action)
	finished func(plan.Action, time.Duration)
}

// Gather puts the actions from the first on into one message, as far as they
// may travel together. Started and finished are told of each action that begins, and
// that is in place.
func (x *Session) Gather(ctx context.Context, actions []plan.Action, started func(plan.Action), finished func(plan.Action, time.Duration)) *Group {
	g := &Group{x: x, message: &pgconn.Message{}, started: started, finished: finished}
	var size int64
	reset := "" // what the last action has left to do
	for i, a := range actions {
		if size += a.Script.Size; i == groupFiles || size > groupBytes || !a.Travels() || x.Cluster.On {
			break
		}
		t := x.NewSender(ctx, a.At(0))
		t.Message, t.nonce, t.grouped, t.behind, t.brief = g.message, x.nonce(i), true, i > 0, a.Script.Brief()
		if t.fill(a.At(0)) != nil {
			break // it is said when the action's own turn has come
		}
		t.Say("COMMIT AND CHAIN;\n" + pgconn.SilentMarkWithClock(x.nonce(i+1), pgconn.MarkRecord))
		// The reset has a transaction of its own: without one it would become part
		// of the next file's (xact.c, BeginTransactionBlock), which it must precede.
		if reset = ""; t.brief.All() {
			reset = x.History.SQL("reset", nil) // once, behind the last of them
		} else {
			t.Say(x.History.SQL("reset", nil))
		}
		t.Say("COMMIT;\n")
		g.Actions, g.senders = append(g.Actions, a), append(g.senders, t)
	}
	g.message.Say(reset)
	return g
}

// nonce is that of the progress notices of action i of a group; the last one comes behind
// all of them.
func (x *Session) nonce(i int) string { return x.History.Run + "." + strconv.Itoa(i) }

// Send runs the message. What is in place is reported as the progress notices come.
func (g *Group) Send(ctx context.Context) error {
	g.sent = time.Now()
	g.start(g.sent)
	blockers, err := g.x.Watched(g.hear, g.now, func() error {
		return g.x.Conn.ExecHearing(ctx, g.message.Text.String(), func(mark string) { g.hear(&pq.Error{Message: mark}) })
	})
	if err != nil {
		return &Failure{Err: err, Message: g.message, Blockers: blockers}
	}
	for g.At < len(g.Actions)-1 { // unless a notice was lost, it is there
		g.next(g.Began)
	}
	g.finish(g.ended)
	return nil
}

// hear takes progress notices in. One of the next action says that this one is committed.
func (g *Group) hear(n *pq.Error) {
	if _, _, ok := pgconn.ReadMark(g.x.nonce(g.At+1), n.Message); ok {
		at := time.Now()
		if after, ok := pgconn.ReadClock(n.Message); ok {
			at = g.sent.Add(after)
		}
		if g.At+1 == len(g.Actions) {
			g.ended = at
			return
		}
		g.next(at)
	}
	g.senders[g.At].Hear(n)
}

// Heard reports whether any progress notice came.
func (g *Group) Heard() bool { return g.At > 0 || g.senders[0].running() != pgconn.MarkRecord }

// now is what the session does at the moment.
func (g *Group) now() lock.Task {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.senders[g.At].Now()
}

// next says that the action that ran is in place, and the next one began at that
// time.
func (g *Group) next(at time.Time) {
	g.finish(at)
	g.mu.Lock()
	g.At++
	g.mu.Unlock()
	g.start(at)
}

func (g *Group) start(at time.Time) {
	g.Began = at
	g.started(g.Actions[g.At])
}

// finish is for an action that was over at that time; how long it took is not
// known where a notice was lost.
func (g *Group) finish(at time.Time) { g.finished(g.Actions[g.At], max(at.Sub(g.Began), 0)) }

// Failed is the error of the message as that of action i, of which it was the first
// attempt. Began is when that action did, or zero where it has not.
func (g *Group) Failed(i int, err error) (f *Failure, began time.Time) {
	of := *err.(*Failure) //nolint:errorlint // send makes no other
	of.Script, of.Statement = g.senders[i].script, g.senders[i].running()
	if i == g.At {
		began = g.Began
	}
	return &of, began
}
