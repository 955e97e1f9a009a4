package cli

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/fleet"
	"rung/runner"
)

// notEachSchema refuses what knows no scopes.
func notEachSchema(c *ucli.Context) error {
	switch {
	case c.Command.Name == "adopt" || c.Command.Name == "wait":
		return fault.Usagef("", "--each-schema has no place with %s, which is about a database", c.Command.Name)
	case c.Command.Name == "plan" && c.Bool("sql"):
		return fault.Usagef("", "plan --sql prints a script for a database, not for its schemas")
	}
	return nil
}

// schemas are those of the database that fit the pattern.
func (t *terminal) schemas(c *ucli.Context, conn pq.Config, pattern string) (targets []fleet.Target, err error) {
	t.sessions = &runner.Sessions{}
	r, err := t.newRunner(c, runner.Config{})
	if err != nil {
		return nil, err
	}
	all, err := r.Schemas(c.Context)
	if err != nil {
		return nil, err
	}
	t.scopes, t.schemaNames = map[string]runner.SchemaState{}, nil
	for _, s := range all {
		t.schemaNames = append(t.schemaNames, s.Name)
		if fleet.Match(pattern, s.Name) {
			targets = append(targets, fleet.Target{Name: s.Name, Conn: conn, Scope: s.Name})
			t.scopes[s.Name] = s
		}
	}
	if len(targets) == 0 {
		return nil, fault.Usagef("create it first: CREATE SCHEMA; * stands for any characters, ? for one", "--each-schema %s: no schema of this database has such a name", pattern)
	}
	return targets, nil
}

// mostDigests is for how many states of the history it is found out beforehand
// whether there is something to do.
const mostDigests = 8

// beforehand does what is done once for all schemas, and returns the places of the
// targets that have something to do: all of them, but for an up over schemas, where
// the history tells it for thousands at a time.
func (f *fleetRun) beforehand(c *ucli.Context, targets []fleet.Target, load func() (*runner.Directory, error)) (todo []int, err error) {
	alike := map[string][]int{} // by digest
	for i, t := range targets {
		s := f.t.scopes[t.Name]
		alike[s.Digest] = append(alike[s.Digest], i)
	}
	if f.command != "up" || f.t.scopes == nil {
		alike = map[string][]int{"": indices(targets)}
	}
	for _, digest := range slices.Sorted(maps.Keys(alike)) {
		same := alike[digest]
		if digest == "" || len(alike) > mostDigests || !f.atHead(c, targets[same[0]], load) {
			todo = append(todo, same...)
			continue
		}
		for _, i := range same {
			f.nothingToDo(i, targets[i].Name)
		}
	}
	slices.Sort(todo)
	if len(todo) > 0 && f.t.scopes != nil && (f.command == "up" || f.command == "baseline") {
		r, err := f.t.newRunner(c, runner.Config{})
		if err != nil {
			return nil, err
		}
		return todo, r.Prepare(c.Context)
	}
	return todo, nil
}

// warnNames warns of pending files that name a schema.
func (f *fleetRun) warnNames(c *ucli.Context, d *runner.Directory) {
	shared := c.StringSlice("shared-schema")
	names := slices.DeleteFunc(slices.Clone(f.t.schemaNames), func(s string) bool { return slices.Contains(shared, s) })
	var lowest *runner.Version
	for _, s := range f.t.scopes {
		if s.At == "" {
			lowest = new(runner.Version)
			break
		}
		if lowest == nil || s.At.Compare(*lowest) < 0 {
			lowest = &s.At
		}
	}
	if lowest == nil {
		return
	}
	for _, p := range d.Naming(names, *lowest) {
		f.t.warn(p)
	}
}

func indices(targets []fleet.Target) (all []int) {
	for i := range targets {
		all = append(all, i)
	}
	return all
}

// atHead reports whether an up would have nothing to do on a target.
func (f *fleetRun) atHead(c *ucli.Context, target fleet.Target, load func() (*runner.Directory, error)) bool {
	sub := f.terminal(&member{target, f.run, load, func() {}, f.review}, &bytes.Buffer{})
	req, err := upRequest(c)
	if err != nil {
		return false
	}
	d, err := load()
	if err != nil {
		return false
	}
	r, err := sub.newRunner(c, runner.Config{Dir: d})
	if err != nil {
		return false
	}
	p, err := r.Plan(context.WithoutCancel(c.Context), runner.Up, req)
	if err != nil || len(p.Actions)+len(p.Waiting) > 0 {
		return false
	}
	sub.warnOf(p)
	return true
}

// nothingToDo records a target that is at its head.
func (f *fleetRun) nothingToDo(i int, name string) {
	at := string(f.t.scopes[name].At)
	f.results[i] = memberResult{name: name, at: at, state: targetDone}
	f.ended++
	f.t.metrics.end(name, &runner.Report{InPlace: f.t.scopes[name].InPlace}, nil)
	if f.t.json {
		f.printLine(name, &jsonRun{Command: f.command, At: at, Done: []jsonDone{}, Findings: []runner.Finding{}, Warnings: []runner.Problem{}}, nil, fault.Description{})
	}
}
