package pgconn

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff waits longer each time, with jitter, so that runners which met once
// do not meet again.
type Backoff struct{ next, max time.Duration }

func NewBackoff(first, most time.Duration) *Backoff { return &Backoff{first, most} }

// Sleep waits between a half and the whole of the next delay. The error is the
// context's cause.
func (b *Backoff) Sleep(ctx context.Context) error {
	d := b.next/2 + rand.N(b.next/2+1)
	b.next = min(b.next*2, b.max)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// SayAgain is how often a person is told again what is waited for.
const SayAgain = 5 * time.Second
