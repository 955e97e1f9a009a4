package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A way is one way to fill the fees.
type way struct {
	name string
	tool string // that runs it: rung, or psql
	sql  string
}

var (
	singleUpdate = way{"one UPDATE", "psql", "UPDATE payments SET fee = " + fee + ";\n"}
	rewrite      = way{
		"a rewrite of the table", "psql",
		"ALTER TABLE payments ALTER COLUMN fee TYPE bigint USING " + fee + ";\n",
	}
	defaults   = rungWay("rung", "")
	twoWorkers = rungWay("rung, workers=2", "workers=2")
)

func rungWay(name, options string) way {
	directive := strings.TrimSpace("-- rung:batch key=payments.id " + options)
	return way{name, "rung", directive + "\nUPDATE payments SET fee = " + fee + " WHERE id BETWEEN $1 AND $2;\n"}
}

// run goes a way in a database, as a process of its own.
func (b *bench) run(ctx context.Context, w way, database string) (wall time.Duration, err error) {
	dir := filepath.Join(b.workDir, "way")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := writeMigration(dir, pairLayout, migration{version: 1, up: w.sql, down: "SELECT 1;\n"}); err != nil {
		return 0, err
	}
	if wall, err = b.apply(ctx, w.tool, dir, database); err != nil {
		return 0, fmt.Errorf("%s: %w", w.name, err)
	}
	return wall, nil
}

// apply has a tool apply a directory to a database.
func (b *bench) apply(ctx context.Context, by, dir, database string) (wall time.Duration, err error) {
	i := slices.IndexFunc(b.tools, func(t tool) bool { return t.name == by })
	one, err := b.runTool(ctx, b.tools[i], dir, b.server.URL(database))
	return one.wall, err
}

// A filling is what going a way cost, and what it left.
type filling struct {
	wall time.Duration
	extent
}

// fill goes a way over so many fresh payments.
func (b *bench) fill(ctx context.Context, w way, rows int64) (f filling, err error) {
	err = b.server.withCopy(ctx, payments, rows, func(name string) error {
		before, err := b.server.extent(ctx, name, payments)
		if err != nil {
			return err
		}
		if f.wall, err = b.run(ctx, w, name); err != nil {
			return err
		}
		if f.extent, err = b.server.extent(ctx, name, payments); err != nil {
			return err
		}
		f.wal -= before.wal
		if err := b.server.filled(ctx, name, rows); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		return nil
	})
	return f, err
}

// A course is a way over a number of rows, with what each run of it showed.
type course struct {
	way
	rows int64
	runs []filling
}

// fillAll runs the courses in turns.
func (b *bench) fillAll(ctx context.Context, trial string, courses []course) error {
	return inTurns(b.runs, len(courses), func(run, i int) error {
		c := &courses[i]
		f, err := b.fill(ctx, c.way, c.rows)
		if err != nil {
			return err
		}
		c.runs = append(c.runs, f)
		b.progress("%s, run %d: %s, %s: %s", trial, run+1, c.name, rowCount(c.rows), seconds(f.wall))
		return nil
	})
}

// median is the middle of one thing that the runs showed.
func (c course) median(of func(filling) int64) int64 {
	var values []int64
	for _, f := range c.runs {
		values = append(values, of(f))
	}
	return median(values)
}

func wallOf(f filling) int64  { return int64(f.wall) }
func tableOf(f filling) int64 { return f.table }

// rate is in rows per second.
func (c course) rate() float64 {
	return float64(c.rows) / time.Duration(c.median(wallOf)).Seconds()
}
