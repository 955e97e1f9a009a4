package backfill

import (
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/exec"
	"rung/runner/internal/store"
)

// A batch of thousands of keys that fails for one of them is halved until that
// key is found, in transactions that are rolled back.

// searchLimit bounds the search: all of it runs no more keys than two batches.
const searchLimit = 30 * time.Second

// blamesData reports whether an error may come from some rows and not from
// others: neither from the statement as it is written nor from the server.
func blamesData(err error) bool {
	e := pq.As(err)
	if e == nil || e.Fatal() {
		return false
	}
	switch string(e.Code)[:2] {
	case "08", "0A", "25", "26", "28", "2D", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58", "XX", "RU":
		return false
	}
	return true
}

// culprit is the key for which a batch fails, or nil: not every error comes from
// one key, and the look for it has its limit.
func (b *backfill) culprit(x *exec.Session, t *turn, err error) store.Key {
	if !blamesData(err) {
		return nil
	}
	code := pq.As(err).Code
	at, certain := *t, true
	for deadline := time.Now().Add(searchLimit); at.keys > 1; {
		if time.Now().After(deadline) || b.going.Err() != nil {
			return nil
		}
		lower, upper, ok := b.halves(x, &at)
		if !ok {
			return nil
		}
		fails, ok := b.rehearse(x, &lower, code)
		switch {
		case !ok:
			return nil
		case fails:
			at, certain = lower, true
		default:
			at, certain = upper, false // which is to be seen
		}
	}
	if !certain {
		if fails, ok := b.rehearse(x, &at, code); !ok || !fails {
			return nil
		}
	}
	return at.last
}

// halves cuts a batch in two. Ok is false where its keys have changed meanwhile.
func (b *backfill) halves(x *exec.Session, t *turn) (lower, upper turn, ok bool) {
	f, err := b.walk.next(b.batchCtx, x, t.span, t.keys/2)
	if err != nil || !f.full {
		return lower, upper, b.endSearch(x, err)
	}
	lower = turn{found: f, span: Span{t.span.After, f.last}}
	rest := Span{f.last, t.span.Upto}
	if f, err = b.walk.next(b.batchCtx, x, rest, t.keys); err != nil || f.first == nil || f.keys >= t.keys {
		return lower, upper, b.endSearch(x, err)
	}
	f.last = t.last
	return lower, turn{found: f, span: rest}, true
}

// endSearch ends the transaction of a look that failed.
func (b *backfill) endSearch(x *exec.Session, err error) bool {
	if err != nil {
		_ = x.Rollback(b.batchCtx, nil) // the batch's own error is told
	}
	return false
}

// rehearse runs the statements for some keys of a batch, and takes them back. Ok
// is false where they fail in another way than the batch did.
func (b *backfill) rehearse(x *exec.Session, t *turn, code pqerror.Code) (fails, ok bool) {
	s, err := b.prepare(x, "", "")
	if err != nil {
		return false, b.endSearch(x, err)
	}
	s.Quiet = true
	for i := s.Step.First; i < s.Step.Last; i++ {
		s.Say("EXECUTE " + prepared(s.Step, i) + "(" + b.arguments(t) + ");\n")
	}
	s.Say("SET CONSTRAINTS ALL IMMEDIATE;\nROLLBACK;\n" + x.History.SQL("reset", nil))
	err = s.Flush()
	if err == nil {
		return false, true
	}
	e := pq.As(err)
	fails = e != nil && e.Code == code
	return fails, x.Rollback(b.batchCtx, nil) == nil && fails
}

// BatchError is a statement that failed in a batch, with the batch's keys, and
// with the one that it failed for where that is known.
type BatchError struct {
	error
	Keys  string
	Count int // of keys in the batch
	Key   string
}

func (e *BatchError) Unwrap() error { return e.error }
