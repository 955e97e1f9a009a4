package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/fleet"
	"rung/runner"
)

// A command over many targets is the command itself, once for each: with a
// terminal that names the target in every line, and its connection in place of
// that of --database-url.

// fleetCommands are those that go over a fleet, by name.
func fleetCommands() map[string]func(*terminal) *ucli.Command {
	return map[string]func(*terminal) *ucli.Command{
		"up": upCommand, "down": downCommand, "redo": redoCommand, "status": statusCommand, "plan": planCommand, "validate": validateCommand, "review": reviewCommand,
		"baseline": baselineCommand, "adopt": adoptCommand, "repair": repairCommand, "history": historyCommand, "wait": waitCommand,
		"work": workCommand, "pause": pauseCommand, "resume": resumeCommand, "tune": tuneCommand,
	}
}

// withoutDirectory are those of them that read no directory.
var withoutDirectory = []string{"history", "wait", "pause", "resume", "tune"}

// withoutDatabase are the commands that have nothing to do with one: RUNG_TARGETS in
// the environment of a whole pipeline does not concern them.
var withoutDatabase = []string{"templates", "import", "sandbox", "topic", "completion", "man", "version"}

// aloneHints say of a command that goes over no fleet what does.
var aloneHints = map[string]string{
	"verify": "it proves the directory on a scratch server, and asks no database: run it once, without targets; `rung status --drift` finds the databases that differ",
}

// overFleet makes a command go over the targets where the flags name some, or
// refuse them where that makes no sense.
func (t *terminal) overFleet(command *ucli.Command) {
	alone := command.Action
	if slices.Contains(withoutDatabase, command.Name) {
		return
	}
	build := fleetCommands()[command.Name]
	command.Action = func(c *ucli.Context) error {
		from, err := source(c)
		switch {
		case err != nil:
			return err
		case from == "":
			return alone(c)
		case command.Name == "verify" && os.Getenv(cmdline.Variable("", from)) == c.String(from):
			return alone(c) // the variable is that of a whole pipeline
		case build == nil:
			return fault.Usagef(aloneHints[command.Name], "--%s has no place with %s, which is not about several databases", from, command.Name)
		case command.Name == "work" && cmdline.GetDuration(c, "watch") > 0:
			return fault.Usagef("run one for each target, or `rung work` over all of them from time to time", "--watch stays with one database, and has no place with --%s", from)
		case from == eachSchema:
			if err := notEachSchema(c); err != nil {
				return err
			}
		}
		defer func() { t.sessions.Close() }()
		targets, err := t.targets(c, from)
		if err != nil {
			return badTargets(err)
		}
		return t.runFleet(c, targets, build)
	}
}

// targets finds those that the flags name.
func (t *terminal) targets(c *ucli.Context, from string) (targets []fleet.Target, err error) {
	value := c.String(from)
	if from == "targets" {
		targets, err = t.readTargets(value)
	} else {
		conn, e := connConfig(c)
		switch {
		case e != nil:
			return nil, e
		case from == eachSchema:
			targets, err = t.schemas(c, conn, value)
		case from == "targets-query":
			targets, err = fleet.Query(c.Context, conn, value)
		default:
			targets, err = fleet.Databases(c.Context, conn, value)
		}
	}
	if err != nil {
		return nil, err
	}
	return fleet.Select(targets, c.StringSlice("only"), c.StringSlice("skip"))
}

func (t *terminal) readTargets(file string) ([]fleet.Target, error) {
	if file == "-" {
		return fleet.Read(t.in, "stdin")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Usagef("it has a line for each target: name and address", "read the targets: %w", err)
	}
	defer f.Close()
	return fleet.Read(f, file)
}

// badTargets makes a list that cannot be used a matter of usage.
func badTargets(err error) error {
	var bad *fleet.InputError
	if errors.As(err, &bad) {
		return fault.Usagef(bad.Fix, "%s", bad.What)
	}
	return err
}

// runFleet runs a command on each target, and reports.
func (t *terminal) runFleet(c *ucli.Context, targets []fleet.Target, build func(*terminal) *ucli.Command) error {
	f := &fleetRun{t: t, command: c.Command.Name, run: runner.NewRun(), results: make([]memberResult, len(targets)), texts: map[string][]int{}}
	load := sync.OnceValues(func() (*runner.Directory, error) { return loadDirectories(c) })
	if !slices.Contains(withoutDirectory, f.command) {
		d, err := load()
		if err != nil {
			return err
		}
		f.warnFiles(c, d)
	}
	if c.Command.Name == "status" && c.Bool("drift") {
		f.drift = &drift{hidden: []string{c.String("history-schema")}, targets: targets, sums: make([]string, len(targets))}
	}
	o := fleet.Options{Parallel: cmdline.GetNumber(c, "parallel"), Canary: cmdline.GetNumber(c, "canary"), MaxFailures: cmdline.GetNumber(c, "max-failures")}
	if o.Parallel == 0 {
		return fault.Usagef("", "--parallel takes a number above 0")
	}
	var err error
	if f.review, err = t.fleetReview(c); err != nil {
		return err
	}
	if f.command == "up" || f.command == "work" {
		if t.metrics, err = newMetrics(c.String("metrics")); err != nil {
			return err
		}
		defer t.flushMetrics()
	}
	todo, err := f.beforehand(c, targets, load)
	if err != nil {
		return err
	}
	all, done := f.limited(c)
	defer done()
	called := fleet.Run(all, pick(targets, todo), o, func(ctx context.Context, task *fleet.Task) bool {
		var printed bytes.Buffer
		begun := task.Begun
		if f.command == "work" { // which stops between two batches, and is not let finish
			begun = func() {}
		}
		sub := f.terminal(&member{task.Target, f.run, load, begun, f.review}, &printed)
		own := *c
		own.Context = ctx
		err := build(sub).Action(&own)
		if err == nil && f.drift != nil {
			err = f.drift.read(ctx, task)
		}
		return f.record(todo[task.Index], task, sub, printed.String(), err)
	})
	for i, called := range called {
		if !called {
			f.results[todo[i]] = memberResult{name: targets[todo[i]].Name, state: f.notBegun()}
		}
	}
	if f.drift != nil && c.Context.Err() == nil {
		if err := f.drift.readAll(c.Context, f.results); err != nil {
			return err
		}
		f.drift.find(c.Context, f.results)
	}
	return f.finish(context.Cause(c.Context), f.sayReview(c))
}

// warnFiles says once what is odd in the directory. Which down files are missing, the
// histories of the targets tell.
func (f *fleetRun) warnFiles(c *ucli.Context, d *runner.Directory) {
	t := f.t
	t.skipped, t.warnings, t.problems = d.Skipped, slices.Concat(d.Skipped, exceptMissingDowns(d)), d.Problems
	checks := f.command == "plan" || f.command == "validate"
	t.warnFiles(d, checks)
	if checks {
		f.warned = append([]runner.Problem{}, t.warnings...)
	}
	if f.command == "plan" {
		t.warnProblems(nil)
	}
	if t.scopes != nil && slices.Contains([]string{"up", "redo", "plan", "validate"}, f.command) {
		f.warnNames(c, d)
	}
}

// warnBeside says of a target's warnings those that no other has had.
func (f *fleetRun) warnBeside(t *terminal) {
	for _, p := range t.warnings {
		if f.warned != nil && !slices.Contains(f.warned, p) {
			f.warned = append(f.warned, p)
			f.t.live.Clear()
			f.t.warn(p)
		}
	}
}

// limited is the context of all targets: that of work ends with --max-time.
func (f *fleetRun) limited(c *ucli.Context) (context.Context, context.CancelFunc) {
	if limit := cmdline.GetDuration(c, "max-time"); f.command == "work" && limit > 0 {
		return context.WithTimeoutCause(c.Context, limit, runner.ErrMaxTime)
	}
	return c.Context, func() {}
}

// pick are the targets of those places in the list.
func pick(targets []fleet.Target, places []int) (picked []fleet.Target) {
	for _, i := range places {
		picked = append(picked, targets[i])
	}
	return picked
}

// terminal is that of one target: its results are gathered, and each line of its
// progress begins with its name.
func (f *fleetRun) terminal(m *member, printed *bytes.Buffer) *terminal {
	prefix := m.Name + ": "
	if f.t.logJSON {
		prefix = ""
	}
	t := newTerminal(nil, printed, &memberWriter{f, prefix})
	t.json, t.logJSON, t.quiet, t.verbose, t.waited = f.t.json, f.t.logJSON, f.t.quiet, f.t.verbose, f.t.waited
	t.member, t.metrics, t.sessions = m, f.t.metrics, f.t.sessions
	return t
}

// memberWriter sends what a target's terminal says through that of the fleet.
type memberWriter struct {
	f      *fleetRun
	prefix string
}

func (w *memberWriter) Write(p []byte) (int, error) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	var b strings.Builder
	for line := range strings.Lines(string(p)) {
		b.WriteString(w.prefix + line)
	}
	w.f.t.live.Clear()
	if _, err := w.f.t.err.Write([]byte(b.String())); err != nil {
		return 0, err
	}
	return len(p), nil
}
