package runner

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/script"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// messageLimit is the size at which a long file is sent on in a further
// message of the same transaction, so that memory stays flat.
const messageLimit = 1 << 20

// sender sends one step: it gathers bookkeeping and statements into a message,
// sends what there is before COPY data, streams the data, and goes on.
type sender struct {
	w      *worker
	ctx    context.Context
	doing  lock.Task
	script *files.Script
	step   files.Step
	m      *pgconn.Message
	file   io.ReadCloser // open while COPY data is read
	data   *script.DataReader
	// decides is true for the statement of a step outside of a transaction: an
	// error of the server's means that the step has failed.
	decides bool
	// nonce tells this step's marks from others, and from what a file says.
	nonce  string
	marked bool // whether the first mark was made
	// grouped is true where marks that nobody needs at once may come late, and
	// behind is for what is not the first in its message.
	grouped, behind bool
	quiet           bool // whether notices of the server are for nobody
	open            bool // whether the transaction goes on behind the message in hand

	mu    sync.Mutex
	last  int       // the statement that runs, by the last mark
	since time.Time // when that came
}

func (w *worker) newSender(ctx context.Context, run plan.StepRun) *sender {
	return &sender{
		w: w, ctx: ctx, script: run.Script, step: run.Step(), nonce: w.run, m: &pgconn.Message{}, last: pgconn.MarkRecord, since: time.Now(),
		doing: lock.Task{Direction: run.Direction, Version: run.Version, Script: run.Script, Step: run.Number(), Steps: len(run.Script.Steps)},
	}
}

func (t *sender) say(sql string) { t.m.Say(sql) }

// mark says which statement comes next. A step is one transaction, so the
// first mark tells the server process for all, and so does a message.
func (t *sender) mark(n int) {
	kind := pgconn.Mark
	switch {
	case t.grouped && t.marked && t.isBrief(n):
		kind = pgconn.SilentMark
	case !t.behind && !t.marked:
		kind = pgconn.MarkWithProcess
	}
	t.marked = true
	t.say(kind(t.nonce, n))
}

// isBrief reports whether what comes next is over before anybody could ask what
// runs.
func (t *sender) isBrief(n int) bool { return n == pgconn.MarkEnd || t.script.BuildsOnNewTable(n) }

// body is everything up to the bookkeeping at the end: BEGIN with the file's
// own options, limits, the claim, the SETs of the steps before, the statements.
func (t *sender) body(before string) error {
	defer t.closeFile()
	from := t.begin()
	if err := t.openOnCluster(); err != nil {
		return err
	}
	t.say(t.w.book.SetRole() + t.w.limits(t.script) + t.w.book.FilePath() + before)
	for _, i := range t.step.Session {
		if err := t.apartOnCluster(i); err != nil {
			return err
		}
		t.m.Statement(t.script, i)
	}
	for i := from; i < t.step.Last; i++ {
		if err := t.statement(i); err != nil {
			return err
		}
	}
	t.mark(pgconn.MarkEnd)
	t.say("RESET SESSION AUTHORIZATION;\n" + t.w.book.SetRole())
	return nil
}

// begin opens the transaction as the file would, and hoists its SET
// TRANSACTION above the claim: PostgreSQL wants them before any query.
func (t *sender) begin() (from int) {
	if !t.w.together {
		if b := t.step.Begin; b >= 0 {
			t.m.Statement(t.script, b)
		} else {
			t.say("BEGIN;\n")
		}
	}
	from = t.step.First
	for from < t.step.Last && files.Words(t.script.Parsed.Statements[from].Words).Starts("SET TRANSACTION") {
		t.m.Statement(t.script, from)
		from++
	}
	return from
}

// statement adds one statement, after its mark.
func (t *sender) statement(i int) error {
	st := &t.script.Parsed.Statements[i]
	if t.w.cluster.on {
		return t.statementOnCluster(i)
	}
	if t.m.Text.Len()+len(st.Text) > messageLimit && t.m.Text.Len() > 0 || st.Data != nil {
		if st.Data != nil {
			t.mark(i)
		}
		if err := t.flushOpen(); err != nil {
			return err
		}
	}
	if st.Data != nil {
		return t.copy(i)
	}
	t.mark(i)
	t.m.Statement(t.script, i)
	return nil
}

// flushOpen sends the message in hand and leaves the transaction open. The
// server must find out by itself if the next one never comes, as the machine
// that rung runs on is gone: else it would keep all locks for hours.
func (t *sender) flushOpen() error {
	if !t.open {
		t.open = true
		t.say(t.w.book.SQL("keepalives", nil))
	}
	return t.flush()
}

// flush sends the message in hand.
func (t *sender) flush() error {
	m := t.m
	t.m = &pgconn.Message{}
	return t.run(m, func() error { return t.w.s.Exec(t.ctx, m.Text.String()) })
}

// run does one thing on the session while the attendant watches, and dresses
// its error with the statement that it belongs to.
func (t *sender) run(m *pgconn.Message, do func() error) error {
	blockers, err := t.w.watched(t.hear, t.now, do)
	if err == nil {
		return nil
	}
	return &failure{err: err, sender: t, message: m, statement: t.running(), blockers: blockers}
}

// watched does one thing on the session while hear gets the server's notices
// and the attendant looks who is in the way. Doing is what runs.
func (w *worker) watched(hear func(*pq.Error), doing func() lock.Task, do func() error) ([]lock.Blocker, error) {
	w.s.OnNotice = hear
	w.attendant.Begin(doing)
	err := do()
	blockers := w.attendant.End()
	w.s.OnNotice = func(*pq.Error) {}
	return blockers, err
}

// hear takes marks in and passes every other notice on.
func (t *sender) hear(n *pq.Error) {
	if i, pid, ok := pgconn.ReadMark(t.nonce, n.Message); ok {
		t.mu.Lock()
		t.last, t.since = i, time.Now()
		t.mu.Unlock()
		t.w.attendant.Passed()
		if pid != 0 {
			t.w.attendant.Process(pid)
		}
		return
	}
	if t.quiet {
		return
	}
	file, line := t.where()
	t.w.emit(Notice{File: file, Line: line, Severity: n.Severity, Message: t.script.Shown(n.Message), Detail: t.script.Shown(n.Detail), Hint: t.script.Shown(n.Hint)})
}

// where is the statement that runs, for messages.
func (t *sender) where() (file string, line int) {
	return t.script.Path, t.script.Pos(t.running()).Line
}

// now is what the session does at the moment.
func (t *sender) now() lock.Task {
	t.mu.Lock()
	defer t.mu.Unlock()
	doing := t.doing
	doing.Statement, doing.Since = t.last, t.since
	return doing
}

func (t *sender) running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

func (t *sender) closeFile() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// inRecord makes an error of the bookkeeping between two batches one that
// failed can settle, as it does those of the batches.
func (w *worker) inRecord(ctx context.Context, run plan.StepRun, err error) error {
	if err == nil {
		return nil
	}
	return &failure{err: err, sender: w.newSender(ctx, run), message: &pgconn.Message{}, statement: pgconn.MarkRecord}
}

// What an earlier try of a step outside of a transaction left behind: a
// statement that still runs, an INVALID index, or the finished work without
// its checkpoint.

// mark stands before such a statement, for a later runner to find it in
// pg_stat_activity.
func (w *worker) mark(run plan.StepRun) string {
	return fmt.Sprintf("/* rung %x: %s %s, step %d */ ", uint64(w.book.LockKey()), run.Direction, run.Version, run.Number())
}

// failure is an error of the server or the connection, with all that is known
// about where it came from.
type failure struct {
	err       error
	sender    *sender
	message   *pgconn.Message
	statement int // the one that ran, by the last mark
	blockers  []lock.Blocker
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// beforeClaim reports whether the server cancelled what stands before the step's
// statements: nothing of it can be in place by this run. To ask the history would
// be to wait once more for whoever has the claim.
func (f *failure) beforeClaim() bool {
	return f.statement == pgconn.MarkRecord && pq.As(f.err, pqerror.QueryCanceled) != nil
}

// failureOf gives an error the place of the step's statement.
func (w *worker) failureOf(ctx context.Context, run plan.StepRun, err error) error {
	return &failure{err: err, sender: w.newSender(ctx, run), message: &pgconn.Message{}, statement: run.Step().First}
}
