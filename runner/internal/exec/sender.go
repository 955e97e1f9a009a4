package exec

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/lib/pq"

	"rung/internal/script"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// MessageLimit is the size at which a long file is sent on in a further
// message of the same transaction, so that memory stays flat.
const MessageLimit = 1 << 20

// Sender sends one step: it gathers bookkeeping and statements into a message,
// sends what there is before COPY data, streams the data, and goes on.
type Sender struct {
	x       *Session
	ctx     context.Context
	doing   lock.Task
	script  *files.Script
	Step    files.Step
	Message *pgconn.Message
	file    io.ReadCloser // open while COPY data is read
	data    *script.DataReader
	Decides bool // see Failure
	// nonce tells this step's progress notices from others, and from what a file says.
	nonce  string
	marked bool // whether the first progress notice was made
	// grouped is true where progress notices that nobody needs at once may come late, which
	// brief knows, and behind is for what is not the first in its message.
	grouped, behind bool
	brief           files.Brief
	Quiet           bool // whether notices of the server are for nobody
	open            bool // whether the transaction lasts beyond the message in hand

	mu    sync.Mutex
	Last  int       // the statement that runs, by the last progress notice
	since time.Time // when that came
}

// NewSender sends a step; nothing is in its message yet.
func (x *Session) NewSender(ctx context.Context, run plan.StepRun) *Sender {
	return &Sender{
		x: x, ctx: ctx, script: run.Script, Step: run.Step(), nonce: x.History.Run, Message: &pgconn.Message{}, Last: pgconn.MarkRecord, since: time.Now(),
		doing: taskOf(run),
	}
}

func taskOf(run plan.StepRun) lock.Task {
	return lock.Task{Direction: run.Direction, Version: run.Version, Script: run.Script, Step: run.Number(), Steps: len(run.Script.Steps)}
}

// Say adds SQL of rung's own to the message.
func (t *Sender) Say(sql string) { t.Message.Say(sql) }

// Mark adds the notice which says what statement comes next. A step is one transaction, so the
// first notice tells the server process for all, and so does a message.
func (t *Sender) Mark(n int) {
	kind := pgconn.Mark
	switch {
	case t.grouped && (t.marked || t.behind) && t.isBrief(n):
		kind = pgconn.SilentMark
	case !t.behind && !t.marked:
		kind = pgconn.MarkWithProcess
	}
	t.marked = true
	t.Say(kind(t.nonce, n))
}

// isBrief reports whether what comes next is over before anybody could ask what
// runs.
func (t *Sender) isBrief(n int) bool { return n == pgconn.MarkEnd || t.brief[n] }

// body is everything up to the bookkeeping at the end: BEGIN with the file's
// own options, limits, the claim, the SETs of the steps before, the statements.
func (t *Sender) body(before string) error {
	defer t.closeFile()
	from := t.begin()
	if err := t.OpenOnCluster(); err != nil {
		return err
	}
	t.Say(t.x.History.SetRole() + t.x.Limits.Local(t.script) + t.x.History.FilePath() + before)
	for _, i := range t.Step.Session {
		if err := t.apartOnCluster(i); err != nil {
			return err
		}
		t.Message.Statement(t.script, i)
	}
	for i := from; i < t.Step.Last; i++ {
		if err := t.statement(i); err != nil {
			return err
		}
	}
	t.Mark(pgconn.MarkEnd)
	t.Say("RESET SESSION AUTHORIZATION;\n" + t.x.History.SetRole())
	return nil
}

// begin opens the transaction as the file would, and hoists its SET
// TRANSACTION above the claim: PostgreSQL wants them before any query.
func (t *Sender) begin() (from int) {
	if !t.x.Together {
		if b := t.Step.Begin; b >= 0 {
			t.Message.Statement(t.script, b)
		} else {
			t.Say("BEGIN;\n")
		}
	}
	from = t.Step.First
	for from < t.Step.Last && files.Words(t.script.Parsed.Statements[from].Words).Starts("SET TRANSACTION") {
		t.Message.Statement(t.script, from)
		from++
	}
	return from
}

// statement adds one statement, after its progress notice.
func (t *Sender) statement(i int) error {
	st := &t.script.Parsed.Statements[i]
	if t.x.Cluster.On {
		return t.statementOnCluster(i)
	}
	if t.Message.Text.Len()+len(st.Text) > MessageLimit && t.Message.Text.Len() > 0 || st.Data != nil {
		if st.Data != nil {
			t.Mark(i)
		}
		if err := t.flushOpen(); err != nil {
			return err
		}
	}
	if st.Data != nil {
		return t.copy(i)
	}
	t.Mark(i)
	t.Message.Statement(t.script, i)
	return nil
}

// flushOpen sends the message in hand and leaves the transaction open. The
// server must find out by itself if the next one never comes, as the machine
// that rung runs on is gone: else it would keep all locks for hours.
func (t *Sender) flushOpen() error {
	if !t.open {
		t.open = true
		t.Say(t.x.History.SQL("keepalives", nil))
	}
	return t.Flush()
}

// Flush sends the message in hand.
func (t *Sender) Flush() error {
	m := t.Message
	t.Message = &pgconn.Message{}
	return t.Run(m, func() error { return t.x.Conn.Exec(t.ctx, m.Text.String()) })
}

// Run does one thing on the session while the monitor watches, and dresses
// its error with the statement that it belongs to.
func (t *Sender) Run(m *pgconn.Message, do func() error) error {
	blockers, err := t.x.Watched(t.Hear, t.Now, do)
	if err == nil {
		return nil
	}
	return &Failure{Err: err, Script: t.script, Decides: t.Decides, Message: m, Statement: t.running(), Blockers: blockers}
}

// Watched does one thing on the session while hear gets the server's notices
// and the monitor looks who blocks it. Doing is what runs.
func (x *Session) Watched(hear func(*pq.Error), doing func() lock.Task, do func() error) ([]lock.Blocker, error) {
	x.Conn.OnNotice = hear
	x.Monitor.Begin(doing)
	err := do()
	blockers := x.Monitor.End()
	x.Conn.OnNotice = func(*pq.Error) {}
	return blockers, err
}

// Hear takes progress notices in and passes every other notice on.
func (t *Sender) Hear(n *pq.Error) {
	if i, pid, ok := pgconn.ReadMark(t.nonce, n.Message); ok {
		t.mu.Lock()
		t.Last, t.since = i, time.Now()
		t.mu.Unlock()
		t.x.Monitor.Passed()
		if pid != 0 {
			t.x.Monitor.Process(pid)
		}
		return
	}
	if t.Quiet {
		return
	}
	file, line := t.where()
	shown := *n
	shown.Message, shown.Detail, shown.Hint = t.script.Shown(n.Message), t.script.Shown(n.Detail), t.script.Shown(n.Hint)
	t.x.Says.Notice(file, line, &shown)
}

// where is the statement that runs, for messages.
func (t *Sender) where() (file string, line int) {
	return t.script.Path, t.script.Pos(t.running()).Line
}

// Now is what the session does at the moment.
func (t *Sender) Now() lock.Task {
	t.mu.Lock()
	defer t.mu.Unlock()
	doing := t.doing
	doing.Statement, doing.Since = t.Last, t.since
	return doing
}

func (t *Sender) running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Last
}

func (t *Sender) closeFile() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}
