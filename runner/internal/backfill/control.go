package backfill

import (
	"context"
	"database/sql"
	"time"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/store"
)

// Steering is what rung pause, resume and tune ask of a backfill.
type Steering struct {
	Paused   bool
	rows     *int
	rowsAt   time.Time // when that was asked for
	targetMS *int
	pauseMS  *int
	workers  *int
	By       string
	At       time.Time
}

// ReadControl reads what is asked of a version's backfill.
func ReadControl(ctx context.Context, x *exec.Session, v files.Version) (c Steering, err error) {
	err = x.Conn.Query(ctx, x.History.SQL("control", store.Values{"version": v}), func(rows *sql.Rows) error {
		return rows.Scan(&c.Paused, &c.rows, &c.rowsAt, &c.targetMS, &c.pauseMS, &c.workers, &c.By, &c.At)
	})
	return c, err
}

// over puts what was tuned over the options of the directive.
func (c Steering) over(o files.BatchOptions) files.BatchOptions {
	ms := func(to *time.Duration, n *int) {
		if n != nil {
			*to = time.Duration(*n) * time.Millisecond
		}
	}
	ms(&o.Target, c.targetMS)
	ms(&o.Pause, c.pauseMS)
	if c.rows != nil {
		o.Rows = *c.rows
	}
	if c.workers != nil {
		o.Workers = *c.workers
	}
	// The table may have been written by hand.
	o.Rows, o.Workers, o.Target = max(o.Rows, 1), max(o.Workers, 1), max(o.Target, time.Millisecond)
	return o
}

// Paused ends a run whose backfill is paused.
type Paused struct {
	By    string
	Since time.Time
}

func (e *Paused) Error() string { return "paused by " + e.By }

// controls takes in what is asked of the backfill; a pause ends the run.
func (b *backfill) controls(x *exec.Session) (files.BatchOptions, error) {
	c, err := ReadControl(b.batchCtx, x, b.run.Version)
	if err != nil {
		return files.BatchOptions{}, exec.InRecord(b.run, err)
	}
	if c.Paused {
		return files.BatchOptions{}, &Paused{By: c.By, Since: c.At}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opts = c.over(b.given)
	if c.rows != nil && !c.rowsAt.Equal(b.tunedAt) {
		b.tunedAt, b.size, b.ema = c.rowsAt, b.opts.Rows, 0
	}
	return b.opts, nil
}
