package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// What was promised, in issues 3 and 10. "Near zero" is given a number here.
const (
	worstTarget = 250 * time.Millisecond
	waitTarget  = 0.01 // of the clients' time
)

const (
	warmUp = 5 * time.Second
	// quiet is how long the load runs beside nothing.
	quiet      = 30 * time.Second
	quickQuiet = 3 * time.Second
)

// live asks what the users of the table notice of a change to it.
func (b *bench) live(ctx context.Context, opts options) ([]section, error) {
	besides := []beside{besideNothing(opts)}
	for _, w := range []way{defaults, singleUpdate, rewrite} {
		besides = append(besides, beside{name: w.name, change: func(ctx context.Context, database string) error {
			_, err := b.run(ctx, w, database)
			return err
		}})
	}
	err := b.watch(ctx, "live", payments, opts.rows, besides)
	return []section{liveSection(besides)}, err
}

// watch has clients use a table beside each of these in turns, and notes what they notice.
func (b *bench) watch(ctx context.Context, topic string, table bigTable, rows int64, besides []beside) error {
	return inTurns(b.runs, len(besides), func(run, i int) error {
		s := &besides[i]
		var t traffic
		err := b.server.withCopy(ctx, table, rows, func(name string) (err error) {
			t, err = b.loaded(ctx, name, table, rows, func() error { return s.change(ctx, name) })
			if err == nil && s.check != nil {
				err = s.check(ctx, name)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("beside %s: %w", s.name, err)
		}
		s.runs = append(s.runs, t)
		b.progress("%s, run %d: beside %s, worst %s", topic, run+1, s.name, seconds(slices.Max(t.latencies)))
		return nil
	})
}

// A beside is something that happens to the table while it is in use.
type beside struct {
	name   string
	change func(ctx context.Context, database string) error
	// check, which may be nil, is what must hold after it.
	check func(ctx context.Context, database string) error
	runs  []traffic
}

// besideNothing is what the clients notice without a change.
func besideNothing(opts options) beside {
	calm := quiet
	if opts.quick {
		calm = quickQuiet
	}
	return beside{name: "nothing", change: func(ctx context.Context, _ string) error { return sleep(ctx, calm) }}
}

// traffic is what the users met from a change's start to its end.
type traffic struct {
	latencies []time.Duration // of the transactions that were due in that time
	waits     waits
	took      time.Duration
}

// loaded makes a change to a database while so many rows of its table are in use.
func (b *bench) loaded(ctx context.Context, name string, table bigTable, rows int64, change func() error) (t traffic, err error) {
	load, err := startLoad(ctx, b, name, table, rows)
	if err != nil {
		return t, err
	}
	defer load.kill()
	if err := sleep(ctx, warmUp); err != nil {
		return t, err
	}
	waits, stop := b.server.watchLocks(ctx, name)
	start := time.Now()
	err = change()
	end := time.Now()
	if err := errors.Join(err, stop()); err != nil {
		return t, err
	}
	// Those that were held up have to get through, or nobody would hear of them.
	t.waits, t.took = *waits, end.Sub(start)
	if err := sleep(ctx, 2*time.Second+t.took/4); err != nil {
		return t, err
	}
	if err := load.end(ctx); err != nil {
		return t, err
	}
	logs, err := filepath.Glob(load.logs + "*")
	if err != nil {
		return t, err
	}
	t.latencies, err = readLatencies(logs, start, end)
	return t, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func liveSection(besides []beside) section {
	s := section{
		title: "Beside live load",
		note:  loadNote() + " All runs together.",
		head:  besideHead,
	}
	for _, b := range besides {
		all, waits, _ := b.all()
		s.lines = append(s.lines, b.line())
		if b.name == defaults.name {
			worst := percentile(all, 1)
			s.promises = []promise{
				{fmt.Sprintf("%s beside live load: no transaction takes %s", b.name, seconds(worstTarget)), worst < worstTarget, seconds(worst)},
				{
					fmt.Sprintf("%s beside live load: at most %s of the clients' time goes to waiting for locks", b.name, percent(waitTarget)),
					waits.share() <= waitTarget, percent(waits.share()),
				},
			}
		}
	}
	return s
}

func loadNote() string {
	return fmt.Sprintf("pgbench, %d clients, %d transactions a second, half of them reads and half updates by a random key. "+
		"The latency of a transaction counts from when it was due, so it holds its wait for a client too.", loadClients, loadRate)
}

// all puts the runs together, latencies in order.
func (b beside) all() (latencies []time.Duration, w waits, took []time.Duration) {
	for _, t := range b.runs {
		latencies = append(latencies, t.latencies...)
		w = w.plus(t.waits)
		took = append(took, t.took)
	}
	slices.Sort(latencies)
	return latencies, w, took
}

var besideHead = []string{"beside", "took", "transactions", "median", "99.9 %", "worst", "clients waiting for a lock", "at most"}

// line is a row under besideHead.
func (b beside) line() []string {
	all, waits, took := b.all()
	return []string{
		b.name, seconds(median(took)), fmt.Sprint(len(all)),
		seconds(percentile(all, 0.5)), seconds(percentile(all, 0.999)), seconds(percentile(all, 1)),
		percent(waits.share()), fmt.Sprintf("%d of %d", waits.most, loadClients),
	}
}

// percent prints two figures, or three of all.
func percent(share float64) string {
	if share >= 0.1 {
		return fmt.Sprintf("%.0f %%", 100*share)
	}
	return fmt.Sprintf("%.2g %%", 100*share)
}
