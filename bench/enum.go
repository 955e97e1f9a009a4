package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// enum asks what a change of an enum type costs, and what the users of its
// table notice, beside the helper that ORMs have for it.
func (b *bench) enum(ctx context.Context, opts options) ([]section, error) {
	calm := quiet
	if opts.quick {
		calm = quickQuiet
	}
	var courses []enumCourse
	for _, w := range enumWays {
		courses = append(courses, enumCourse{enumWay: w})
	}
	original, err := b.server.original(ctx, tasks, opts.rows)
	if err != nil {
		return nil, err
	}
	fresh, err := b.server.extent(ctx, original, tasks)
	if err != nil {
		return nil, err
	}
	for i := range courses {
		if courses[i].dir, err = b.migrations(ctx, courses[i].enumWay, original, opts.rows); err != nil {
			return nil, err
		}
	}
	err = inTurns(b.runs, len(courses), func(run, i int) error {
		c := &courses[i]
		r, err := b.enumChange(ctx, *c, opts.rows, calm)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		c.runs = append(c.runs, r)
		b.progress("enum, run %d: %s %s, locked %s, worst %s", run+1, c.name,
			seconds(r.wall), seconds(r.held.total), seconds(slices.Max(r.latencies)))
		return nil
	})
	return []section{enumCosts(courses, fresh), enumStalls(courses)}, err
}

// An enumCourse is a way with what each run of it showed.
type enumCourse struct {
	enumWay
	dir  string // of its migrations
	runs []enumRun
}

func (c enumCourse) walls() []time.Duration {
	var all []time.Duration
	for _, r := range c.runs {
		all = append(all, r.wall)
	}
	return all
}

// median is the middle of one thing that the runs showed.
func (c enumCourse) median(of func(enumRun) int64) int64 {
	var values []int64
	for _, r := range c.runs {
		values = append(values, of(r))
	}
	return median(values)
}

// met are the latencies and waits of all runs, the former in order.
func (c enumCourse) met() (latencies []time.Duration, w waits) {
	for _, r := range c.runs {
		latencies, w = append(latencies, r.latencies...), w.plus(r.waits)
	}
	slices.Sort(latencies)
	return latencies, w
}
