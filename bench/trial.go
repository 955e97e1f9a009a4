package main

import (
	"context"
	"fmt"
	"time"
)

// trialSettings are a server's in use: room for a good part of the table, but
// not for all that a rewrite makes of it; autovacuum; whole pages in the WAL
// after a checkpoint. Only fsync stays off, as in every sandbox: the disk of
// whoever runs this is not what is asked about.
var trialSettings = map[string]string{
	"autovacuum":       "on",
	"full_page_writes": "on",
	"max_wal_size":     "4GB",
	"shared_buffers":   "512MB",
}

// tryAll asks the trials one after the other.
func (b *bench) tryAll(ctx context.Context, opts options) (trialReport, error) {
	start := time.Now()
	r := trialReport{options: opts, date: start.Format("2006-01-02"), versions: b.binaries}
	var err error
	if r.host, err = describeHost(ctx, b.server); err != nil {
		return r, err
	}
	for _, t := range opts.topic.trials {
		s, err := t.ask(b, ctx, opts)
		if err != nil {
			return r, fmt.Errorf("%s: %w", t.name, err)
		}
		r.sections = append(r.sections, s...)
	}
	r.took, r.loadAfter = time.Since(start), loadAverage()
	return r, nil
}

// inTurns does n things once in each run, so that whatever else the machine
// does meets all of them, and begins each run with another one.
func inTurns(runs, n int, do func(run, i int) error) error {
	for run := range runs {
		for turn := range n {
			if err := do(run, (run+turn)%n); err != nil {
				return err
			}
		}
	}
	return nil
}
