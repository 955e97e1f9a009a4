package backfill

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/exec"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
)

// take cuts the next batch off what is left. A span without keys is done as
// it is. Nil means that there is none.
func (b *backfill) take(x *exec.Session, number int) (*turn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.todo) > 0 && b.err == nil && number < b.opts.Workers {
		in := b.todo[0]
		f, err := b.walk.next(b.batchCtx, x, in, b.size)
		if err != nil {
			return nil, err
		}
		b.todo = b.todo[1:]
		if f.first == nil {
			continue
		}
		if f.full {
			b.todo = append([]Span{{f.last, in.Upto}}, b.todo...)
		}
		b.inHand++
		return &turn{found: f, span: Span{in.After, f.last}, size: b.size}, nil
	}
	return nil, nil
}

// try runs a batch in one transaction: the fence against an earlier runner
// that still lives, the statements, and the batch log's row.
func (b *backfill) try(x *exec.Session, t *turn) (rows int64, err error) {
	t.began = time.Now()
	v := x.History.Values(b.run)
	before, after := b.watch(t)
	s, err := b.prepare(x, x.History.SQL("keepalives", nil)+x.History.SQL("batch_begin", v), before) // it ends in another message
	if err != nil {
		return 0, err
	}
	for i := s.Step.First; i < s.Step.Last; i++ {
		s.Mark(i)
		s.Say("EXECUTE " + prepared(s.Step, i) + "(" + b.arguments(t) + ");\n")
	}
	if err := s.Flush(); err != nil {
		return 0, err
	}
	rows = x.Conn.Affected
	if w := b.run.Script.Parsed.Statements[s.Step.Last-1].Words; len(w) > 0 && (w[0] == "MERGE" || w[0] == "WITH" && slices.Contains(w, "MERGE")) {
		rows = int64(t.keys) // lib/pq does not read how many a MERGE changed (conn.go, parseComplete)
	}
	v["after_key"], v["first_key"], v["last_key"] = t.span.After, t.first, t.last
	v["keys"], v["rows"] = t.keys, rows
	s.Say(after)
	s.Mark(pgconn.MarkEnd)
	s.Say("RESET SESSION AUTHORIZATION;\n" + x.History.SetRole() + x.History.SQL("batch_done", v) + x.Cluster.TwoPhase() + "COMMIT;\n" + x.History.SQL("reset", nil))
	return rows, s.Flush()
}

// again cleans up after a failed batch, of which nothing is in place. Without
// an error there is to be another try: of the same batch, or of a new one (nil)
// where it was not found yet or took too long.
func (b *backfill) again(x *exec.Session, t *turn, err error, attempt int) (*turn, error) {
	if pgconn.IsLost(err) || !x.Conn.Alive() || b.batchCtx.Err() != nil {
		return nil, err
	}
	if e := x.Rollback(b.batchCtx, nil); e != nil {
		return nil, exec.InRecord(b.run, e)
	}
	if pq.As(err, stateOwnKey) != nil {
		return nil, BadKey(b.run, OwnKey(b.walk.table, b.walk.columns))
	}
	tooLong := t != nil && t.size > 1 && pq.As(err, pqerror.QueryCanceled) != nil
	if tooLong {
		b.halve(t)
		t = nil
	}
	if tooLong || attempt <= b.cfg.Retries && x.MayPass(err) {
		var blockers []lock.Blocker
		var f *exec.Failure
		if errors.As(err, &f) {
			blockers = f.Blockers
		}
		b.cfg.Says.Retrying(b.run.Script.Path, b.line(), err, attempt, b.cfg.Retries, blockers)
		return t, nil
	}
	if t == nil {
		return nil, err
	}
	failure := &BatchError{error: err, Keys: t.String(), Count: t.keys}
	if k := b.culprit(x, t, err); k != nil {
		failure.Key = k.String()
	}
	return nil, failure
}

// halve puts a batch that took too long back, to be cut to half its size.
func (b *backfill) halve(t *turn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size = max(1, min(b.size, t.size/2))
	b.ema = 0
	b.todo = append([]Span{t.span}, b.todo...)
	b.inHand--
}

// committed counts a batch, says how far it is, sizes the next one, and rests.
func (b *backfill) committed(x *exec.Session, t *turn, rows int64) error {
	took := time.Since(t.began)
	b.mu.Lock()
	b.log.keys, b.log.rows, b.log.batches = b.log.keys+int64(t.keys), b.log.rows+rows, b.log.batches+1
	b.walked += int64(t.keys)
	if b.inHand--; b.inHand == 0 && len(b.todo) == 0 {
		b.log.estimate = b.log.keys // now it is known
	}
	if t.full {
		b.resize(t.size, took)
	}
	p := b.progress()
	every, keys := b.opts.Vacuum, max(b.log.estimate, b.log.keys)
	b.mu.Unlock()
	vacuum := b.vacuum.after(rows, every, keys)
	b.cfg.Says.BatchDone(b.run.Script.Path, b.line(), p, took, t.first, t.last)
	if vacuum {
		if err := b.vacuum.start(x); err != nil {
			return err
		}
	}
	return b.rest(x)
}

// resize follows the target: next = size × target/average, at most 1.2 times
// up and 0.5 times down at once, between 100 and a hundred times the rows
// that the directive says. From below that, where a timeout or the directive
// has brought it, it only grows.
func (b *backfill) resize(size int, took time.Duration) {
	const weight = 0.3 // of the newest batch in the average
	// Another worker may have changed the size meanwhile.
	seconds := took.Seconds() * float64(b.size) / float64(size)
	if b.ema == 0 {
		b.ema = seconds
	}
	b.ema = weight*seconds + (1-weight)*b.ema
	factor := min(max(b.opts.Target.Seconds()/max(b.ema, 1e-6), 0.5), 1.2)
	next := int(math.Ceil(float64(b.size) * factor))
	next = min(max(next, min(100, b.opts.Rows, b.size)), 100*b.opts.Rows)
	// The average is of a batch of that size now.
	b.ema *= float64(next) / float64(b.size)
	b.size = next
}
