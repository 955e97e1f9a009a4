package main

import (
	"context"
	"strings"
)

// A bench is all that a measurement needs.
type bench struct {
	server   *server
	tools    []tool
	binaries map[string]binary
	workDir  string
	runs     int
	progress func(format string, args ...any)
}

func (b *bench) runTool(ctx context.Context, t tool, dir, url string) (sample, error) {
	return measureProcess(ctx, b.workDir, b.binaries[t.name].path, t.args(dir, url))
}

// options are what the flags come to.
type options struct {
	runs      int
	scenarios []scenario
	topic     topic // if it has trials, no scenarios
	rows      int64 // of the topic's table
	tools     []tool
	without   []string // left out of tools, by request
	out       string
	quick     bool
	command   string // as typed, for the report
}

// trying: trials are run, and no scenarios.
func (o options) trying() bool { return len(o.topic.trials) > 0 }

// A topic is what some trials have in common: a table, and a report.
type topic struct {
	title  string
	table  bigTable
	rows   int64 // unless -rows says otherwise
	trials []trial
}

// names are those of its trials.
func (t topic) names() string {
	var names []string
	for _, one := range t.trials {
		names = append(names, one.name)
	}
	return strings.Join(names, ", ")
}

// A trial is one question about changes to a big table. It races no tools, as
// a scenario does, but ways to make the change; and its server is set up like
// one that is in use.
type trial struct {
	name string // for -only
	ask  func(b *bench, ctx context.Context, opts options) ([]section, error)
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
