// Package task is what a template works from: parameters, the schema, and the report.
package task

import (
	"context"
	"fmt"
	"slices"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

// Input is what a template works from.
type Input struct {
	// Name is the migration's name, for what needs a name of its own.
	Name   string
	Params map[string]string
	// DB is the schema to look at; nil for --offline.
	DB *catalog.Catalog
	// Report gathers what the template found and decided, for stderr.
	Report []string
	// Unseen is what a template would have looked at, for the head of what it
	// writes --offline.
	Unseen []string
	// Written are the up files of the directory, for a template that continues
	// what another one wrote.
	Written []Written
	// Ask puts a question that a person answers by yes or no; nil where nobody can.
	Ask func(question string) (yes bool, err error)
	// counted is true when the report has numbers of rows, rewritten when it has
	// the size of what a lock waits for.
	counted, rewritten bool
	// Limit is up to which size of its table a direct file begins.
	Limit int64
	// Cluster is the table of a Citus cluster that the template is for, or one of them;
	// "" elsewhere.
	Cluster string
}

// With is the same task with other parameters. Its report continues this one.
func (in *Input) With(params map[string]string) *Input {
	with := *in
	with.Params = params
	return &with
}

// Table looks up the parameter `table`. Offline it is what its name tells.
func (in *Input) Table(ctx context.Context) (*catalog.Table, error) {
	return in.TableOf(ctx, "table")
}

// TableOf looks up the table that a parameter names.
func (in *Input) TableOf(ctx context.Context, param string) (*catalog.Table, error) {
	if in.DB != nil {
		return in.DB.Table(ctx, in.Params[param])
	}
	names, ok := words.SplitName(in.Params[param])
	if !ok {
		return nil, mistake.New(fmt.Sprintf("%s=%s is no name of a table", param, in.Params[param]), "write it as SQL does: users, app.users, \"Users\"")
	}
	t := &catalog.Table{As: sqltext.JoinBy(names, ".", pgtext.Ident), Name: names[len(names)-1], Owned: true, Offline: true}
	if len(names) > 1 {
		t.Schema = names[len(names)-2]
	}
	return t, nil
}

// MustLook refuses --offline where nothing can be said without the schema.
func (in *Input) MustLook() error {
	if in.DB == nil {
		return mistake.New("this template must look at the schema", "leave --offline out")
	}
	return nil
}

// Flag reads a parameter that is true or false, and false when it is not given.
func (in *Input) Flag(name string) (bool, error) {
	switch v := in.Params[name]; v {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, mistake.New(fmt.Sprintf("%s=%s is neither true nor false", name, v), "write --set "+name+"=true")
	}
}

// OneOf reads a parameter that is one of some words; the first when it is not given.
func (in *Input) OneOf(name string, words ...string) (string, error) {
	v := in.Params[name]
	if v == "" {
		return words[0], nil
	}
	if !slices.Contains(words, v) {
		return "", mistake.Unknown("value of "+name, v, words)
	}
	return v, nil
}

// Part is a pair of a section that is written several times, once for each.
type Part struct {
	Suffix string
	Data   any
}

// Sayf adds a line to the report.
func (in *Input) Sayf(format string, args ...any) {
	in.Report = append(in.Report, fmt.Sprintf(format, args...))
}

// NotLookedAt notes what --offline nobody has made sure of.
func (in *Input) NotLookedAt(format string, args ...any) {
	if in.DB == nil {
		in.Unseen = append(in.Unseen, fmt.Sprintf(format, args...))
	}
}

// Written is an up file of the directory, by its version without zeros before it.
type Written struct{ Version, Text string }
