package contract

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/shell"
	"rung/templates/internal/task"
)

// origin is what the first lines of a file say of the template that wrote it.
type origin struct {
	// head is the first line: all pairs of one `rung new` have the same.
	head string
	// Template is the one that was asked for, and strategy the one that did it.
	Template, strategy string
	Params             map[string]string
	text               string
}

const writtenBy = "-- Written by rung: --template "

var strategyLine = lazyre.New(`(?m)^-- Strategy: ([a-z-]+)\.$`)

// OriginOf reads a file; nil for one that no template wrote.
func OriginOf(text string) *origin {
	head, rest, _ := strings.Cut(text, "\n")
	line, ok := strings.CutPrefix(head, writtenBy)
	if !ok {
		return nil
	}
	words := shell.Split(line)
	o := &origin{head: head, Template: words[0], strategy: words[0], Params: map[string]string{}, text: text}
	for i := 1; i+1 < len(words); i += 2 {
		if name, value, ok := strings.Cut(words[i+1], "="); ok && words[i] == "--set" {
			o.Params[name] = value
		}
	}
	if m := strategyLine.FindStringSubmatch(rest); m != nil {
		o.strategy = m[1]
	}
	return o
}

var keepsTable = lazyre.New(`(?m)^CREATE TABLE (\S.*) AS$`)

// kept are the side tables that a file makes for its own down migration.
func (o *origin) kept() []string {
	if o.Template == "contract" {
		return nil
	}
	var all []string
	for _, m := range keepsTable.FindAllStringSubmatch(o.text, -1) {
		all = append(all, m[1])
	}
	return all
}

// leaves reports whether the template leaves something that a contract drops, and
// writes no contract itself.
func (o *origin) leaves() bool {
	return slices.Contains([]string{"soft-delete", "json-split", "list-to-table"}, o.strategy) || len(o.kept()) > 0
}

// Contracts are the versions, of files that are all applied, whose contract is still to
// be written: the last of each that a template wrote.
func Contracts(applied, all []task.Written) []string {
	done := map[string]bool{}
	heads := map[string]string{}
	for _, w := range all {
		if o := OriginOf(w.Text); o != nil {
			heads[w.Version] = o.head
		}
	}
	last := map[string]string{}
	for _, w := range all {
		if o := OriginOf(w.Text); o != nil {
			last[o.head] = w.Version
			if o.Template == "contract" {
				done[heads[strings.TrimLeft(o.Params["of"], "0")]] = true
			}
		}
	}
	var owed []string
	for _, w := range applied {
		if o := OriginOf(w.Text); o != nil && o.leaves() && last[o.head] == w.Version && !done[o.head] {
			owed = append(owed, w.Version)
		}
	}
	return owed
}
