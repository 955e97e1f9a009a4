package templates

import (
	"regexp"
	"slices"
	"strings"
)

// Written is an up file of the directory, by its version without zeros before it.
type Written struct{ Version, Text string }

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

var strategyLine = regexp.MustCompile(`(?m)^-- Strategy: ([a-z-]+)\.$`)

// originOf reads a file; nil for one that no template wrote.
func originOf(text string) *origin {
	head, rest, _ := strings.Cut(text, "\n")
	line, ok := strings.CutPrefix(head, writtenBy)
	if !ok {
		return nil
	}
	words := shellSplit(line)
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

// shellSplit reads the words that shellWord wrote.
func shellSplit(line string) []string {
	var words []string
	var b strings.Builder
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ':
			words = append(words, b.String())
			b.Reset()
			i++
		case strings.HasPrefix(line[i:], "$'"):
			i = unescape(&b, line, i+2)
		case c == '\'' || c == '"':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				end = len(line) - i - 1
			}
			b.WriteString(line[i+1 : i+1+end])
			i += end + 2
		case c == '\\' && i+1 < len(line):
			b.WriteByte(line[i+1])
			i += 2
		default:
			b.WriteByte(c)
			i++
		}
	}
	return append(words, b.String())
}

// unescape reads what stands in $'…', and returns where it goes on.
func unescape(b *strings.Builder, line string, i int) int {
	escapes := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t'}
	for i < len(line) && line[i] != '\'' {
		if line[i] != '\\' || i+1 == len(line) {
			b.WriteByte(line[i])
			i++
			continue
		}
		c := line[i+1]
		i += 2
		switch e, known := escapes[c]; {
		case known:
			b.WriteByte(e)
		case c == 'x' && i+2 <= len(line):
			b.WriteByte(hexDigit(line[i])<<4 | hexDigit(line[i+1]))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return i + 1
}

func hexDigit(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

var keepsTable = regexp.MustCompile(`(?m)^CREATE TABLE (\S.*) AS$`)

// kept are the side tables that a file makes for its own way back.
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
func Contracts(applied, all []Written) []string {
	done := map[string]bool{}
	heads := map[string]string{}
	for _, w := range all {
		if o := originOf(w.Text); o != nil {
			heads[w.Version] = o.head
		}
	}
	last := map[string]string{}
	for _, w := range all {
		if o := originOf(w.Text); o != nil {
			last[o.head] = w.Version
			if o.Template == "contract" {
				done[heads[strings.TrimLeft(o.Params["of"], "0")]] = true
			}
		}
	}
	var owed []string
	for _, w := range applied {
		if o := originOf(w.Text); o != nil && o.leaves() && last[o.head] == w.Version && !done[o.head] {
			owed = append(owed, w.Version)
		}
	}
	return owed
}
