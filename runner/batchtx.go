package runner

import (
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// turn is one batch that a lane runs.
type turn struct {
	span  span // what it settles in the ledger
	first key
	last  key
	size  int  // keys asked for
	full  bool // it has that many
	began time.Time
}

// take cuts the next batch off what is left. A span without keys is done as
// it is. Nil means that there is none.
func (b *backfill) take(w *worker, number int) (*turn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.todo) > 0 && b.err == nil && number < b.opts.Workers {
		in := b.todo[0]
		first, last, full, err := w.s.next(b.batchCtx, b.walk, in, b.size)
		if err != nil {
			return nil, w.bookError(err)
		}
		b.todo = b.todo[1:]
		if first == nil {
			continue
		}
		if full {
			b.todo = append([]span{{last, in.upto}}, b.todo...)
		}
		return &turn{span: span{in.after, last}, first: first, last: last, size: b.size, full: full}, nil
	}
	return nil, nil
}

// try runs a batch in one transaction: the fence against an earlier runner
// that still lives, the statements, and the ledger's row.
func (b *backfill) try(w *worker, t *turn) (rows int64, err error) {
	t.began = time.Now()
	v := w.values(b.a, b.n)
	s := w.newSender(b.batchCtx, b.a, b.n)
	s.say("BEGIN;\n" + w.book.setRole() + w.limits(b.a.Script))
	for _, i := range s.step.session {
		s.m.statement(b.a.Script, i)
	}
	s.say(w.book.sql("batch_begin", v))
	for i := s.step.First; i < s.step.Last; i++ {
		name := fmt.Sprintf("rung_batch_%d", i-s.step.First+1)
		s.mark(i)
		s.say("PREPARE " + name + b.parameters() + " AS ")
		s.m.prepared(b.a.Script, i)
	}
	for i := s.step.First; i < s.step.Last; i++ {
		s.mark(i)
		s.say(fmt.Sprintf("EXECUTE rung_batch_%d(%s);\n", i-s.step.First+1, b.arguments(t)))
	}
	if err := s.flush(); err != nil {
		return 0, err
	}
	rows = w.s.affected
	v["after_key"], v["first_key"], v["last_key"] = t.span.after, t.first, t.last
	v["keys"], v["rows"] = int64(t.size), rows
	if !t.full {
		v["keys"] = min(int64(t.size), max(rows, 1))
	}
	s.mark(markCommit)
	s.say("RESET SESSION AUTHORIZATION;\n" + w.book.setRole() + w.book.sql("batch_done", v) + w.book.sql("reset", nil))
	return rows, s.flush()
}

// parameters are the types of $1 and $2, or of $1 to $4.
func (b *backfill) parameters() string {
	types := append(append([]string{}, b.walk.types...), b.walk.types...)
	return "(" + strings.Join(types, ", ") + ")"
}

func (b *backfill) arguments(t *turn) string {
	return strings.Join(append(b.walk.literals(t.first), b.walk.literals(t.last)...), ", ")
}

// again decides what becomes of a failed batch: nothing of it is in place.
func (b *backfill) again(w *worker, t *turn, err error, attempt int) (bool, error) {
	if isLost(err) || !w.s.alive() || b.batchCtx.Err() != nil {
		return false, err
	}
	if e := w.rollback(b.batchCtx, nil); e != nil {
		return false, w.bookError(e)
	}
	switch {
	case pq.As(err, pqerror.QueryCanceled) != nil && t.size > 1:
		return true, b.halve(w, t)
	case attempt > w.cfg.LockRetries:
	case pq.As(err, pqerror.LockNotAvailable, pqerror.TRDeadlockDetected, pqerror.TRSerializationFailure) != nil:
		w.emit(Retrying{File: b.a.Script.Path, Line: b.line(), Err: err, Attempt: attempt, Of: w.cfg.LockRetries})
		return true, nil
	}
	return false, &batchFailure{err, t}
}

// batchFailure is a statement that failed in a batch, with the batch's keys.
type batchFailure struct {
	error
	turn *turn
}

func (e *batchFailure) Unwrap() error { return e.error }

func (t *turn) String() string {
	return fmt.Sprintf("(%s) to (%s)", strings.Join(t.first, ", "), strings.Join(t.last, ", "))
}

// halve gives the second half of a batch back after a statement timeout.
func (b *backfill) halve(w *worker, t *turn) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t.size /= 2
	b.size = max(1, min(b.size, t.size))
	whole := t.span
	first, last, full, err := w.s.next(b.batchCtx, b.walk, whole, t.size)
	if err != nil || first == nil {
		return w.bookError(err)
	}
	if full {
		b.todo = append([]span{{last, whole.upto}}, b.todo...)
	}
	t.first, t.last, t.full, t.span = first, last, full || t.full, span{whole.after, last}
	return nil
}

func (b *backfill) line() int { return b.a.Script.pos(b.a.Script.Steps[b.n].First).Line }

// committed counts a batch, says how far it is, sizes the next one, and rests.
func (b *backfill) committed(w *worker, t *turn, rows int64) error {
	took := time.Since(t.began)
	keys := int64(t.size)
	if !t.full {
		keys = min(keys, max(rows, 1))
	}
	b.mu.Lock()
	b.ledger.keys, b.ledger.rows, b.ledger.batches = b.ledger.keys+keys, b.ledger.rows+rows, b.ledger.batches+1
	b.walked += keys
	b.sinceVac, b.batches = b.sinceVac+rows, b.batches+1
	if t.full {
		b.resize(took)
	}
	p := b.progress()
	opts := b.opts
	vacuum := b.vacuumDue()
	b.mu.Unlock()
	w.emit(BatchDone{File: b.a.Script.Path, Line: b.line(), Progress: p, Took: took, First: t.first, Last: t.last})
	if vacuum {
		if err := b.vacuum(w); err != nil {
			return err
		}
	}
	b.rest(opts.Pause)
	return nil
}

// resize follows the target: next = size × target/average, at most 1.2 times
// up and 0.5 times down at once, between 100 and a hundred times the rows
// that the directive says.
func (b *backfill) resize(took time.Duration) {
	const weight = 0.3 // of the newest batch in the average
	if b.ema == 0 {
		b.ema = took.Seconds()
	}
	b.ema = weight*took.Seconds() + (1-weight)*b.ema
	factor := min(max(b.opts.Target.Seconds()/max(b.ema, 1e-6), 0.5), 1.2)
	size := int(float64(b.size) * factor)
	b.size = min(max(size, min(100, b.opts.Rows)), 100*b.opts.Rows)
	// The average is of a batch of this size now.
	b.ema *= factor
}

// progress is called with the lock held.
func (b *backfill) progress() Progress {
	p := Progress{
		Version: b.a.Version, Direction: b.a.Direction, Step: b.n + 1, Batches: b.ledger.batches,
		Keys: b.ledger.keys, Rows: b.ledger.rows, Total: max(b.ledger.estimate, b.ledger.keys), Size: b.size,
	}
	if s := time.Since(b.began).Seconds(); s > 0 {
		p.Rate = float64(b.walked) / s
	}
	return p
}
