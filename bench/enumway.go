package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// An enumWay is one way to change the values of task_status.
type enumWay struct {
	name   string // that of a template, where rung goes it
	tool   string // rung, or psql; "" is nothing at all
	moves  string // what becomes of which value, as rung's map has it
	values string // of the type afterwards
	// keeps: values that no row has any more stay in the type.
	keeps bool
}

// A merge and another order: no renaming does it.
const (
	mergeMoves  = "todo=pending,in_progress=active,blocked=active,done=complete"
	mergeValues = "active,pending,complete,cancelled"
)

var (
	nothing  = enumWay{name: "nothing"}
	byHelper = enumWay{name: "the ORM's helper", tool: "psql", moves: mergeMoves, values: mergeValues}
	bySwap   = enumWay{name: "enum-swap", tool: "rung", moves: mergeMoves, values: mergeValues}
	byOnline = enumWay{name: "enum-online", tool: "rung", moves: mergeMoves, values: mergeValues}
	byRename = enumWay{
		name: "enum-rename", tool: "rung",
		moves: "todo=pending,in_progress=active,done=complete", values: "pending,active,blocked,complete,cancelled",
	}
	byRetire = enumWay{
		name: "enum-retire", tool: "rung",
		moves: "blocked=in_progress", values: "todo,in_progress,blocked,done,cancelled", keeps: true,
	}
)

// enumWays take turns in this order.
var enumWays = []enumWay{nothing, byHelper, byRename, bySwap, byRetire, byOnline}

//go:embed enumhelper.sql
var helperSQL string

// becomes is what the moves come to.
func (w enumWay) becomes() map[string]string {
	all := map[string]string{}
	for _, move := range list(w.moves) {
		from, to, _ := strings.Cut(move, "=")
		all[from] = to
	}
	return all
}

// set are the parameters of the template.
func (w enumWay) set() []string {
	all := []string{"--set", "type=task_status", "--set", "map=" + w.moves}
	if !w.keeps {
		all = append(all, "--set", "values="+w.values)
	}
	return all
}

// migrations has the files written that go the way, for the tasks of a
// database as they are.
func (b *bench) migrations(ctx context.Context, w enumWay, database string, rows int64) (dir string, err error) {
	dir = filepath.Join(b.workDir, "enum", w.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return dir, err
	}
	switch w.tool {
	case "psql":
		return dir, writeMigration(dir, pairLayout, migration{version: 1, up: helperSQL, down: "SELECT 1;\n"})
	case "rung":
		first := migration{version: 1, up: fmt.Sprintf(tasks.make, rows) + ";\n", down: "DROP TABLE tasks;\nDROP TYPE task_status;\n"}
		return dir, b.writeByTemplate(ctx, dir, database, first, w.name, w.set())
	}
	return dir, nil
}

// writeByTemplate has a template write its files into a directory that has the tables already, and
// for a database that has them recorded: a change is not the first migration there ever was.
func (b *bench) writeByTemplate(ctx context.Context, dir, database string, first migration, template string, set []string) error {
	if err := writeMigration(dir, pairLayout, first); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"baseline", "--to", "1"},
		append([]string{"new", "change", "--template", template}, set...),
	} {
		args = append(args, "--dir", dir, "--database-url", b.server.URL(database))
		if _, err := measureProcess(ctx, b.workDir, b.binaries["rung"].path, args); err != nil {
			return fmt.Errorf("rung %s for %s: %w", args[0], template, err)
		}
	}
	return nil
}

// An enumRun is what going a way showed.
type enumRun struct {
	wall time.Duration
	held holds
	extent
	traffic
}

// enumChange goes a way over fresh tasks that are in use; nothing takes as long
// as calm.
func (b *bench) enumChange(ctx context.Context, c enumCourse, rows int64, calm time.Duration) (r enumRun, err error) {
	err = b.server.withCopy(ctx, tasks, rows, func(name string) error {
		r.traffic, err = b.loaded(ctx, name, tasks, rows, func() (err error) {
			r.held, r.extent, err = b.observed(ctx, name, func() (err error) {
				if c.tool == "" {
					r.wall = calm
					return sleep(ctx, calm)
				}
				r.wall, err = b.apply(ctx, c.tool, c.dir, name)
				return err
			})
			return err
		})
		if err != nil || c.tool == "" {
			return err
		}
		return b.server.changed(ctx, name, list(c.values), firstCensus(rows).after(c.becomes()))
	})
	return r, err
}

// observed tells of a change to the tasks how it locked them and what it left.
func (b *bench) observed(ctx context.Context, name string, change func() error) (h holds, e extent, err error) {
	before, err := b.server.extent(ctx, name, tasks)
	if err != nil {
		return h, e, err
	}
	glances, stop, err := b.server.watchExclusive(ctx, name, tasks)
	if err != nil {
		return h, e, err
	}
	if err := errors.Join(change(), stop()); err != nil {
		return h, e, err
	}
	e, err = b.server.extent(ctx, name, tasks)
	e.wal -= before.wal
	return addUp(*glances), e, err
}
