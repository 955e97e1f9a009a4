package proof

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rung/internal/shell"
	"rung/runner"
)

// ReviewFinding is one thing that review found in a statement.
type ReviewFinding struct {
	ID       string         `json:"id"`
	Severity Severity       `json:"severity"`
	File     string         `json:"file"`
	Version  runner.Version `json:"version"`
	Line     int            `json:"line"`
	// FailedAt is where the server points, for a statement that fails; or nil.
	FailedAt *Place `json:"failed_at,omitempty"`
	// Relation is the table that it is about, or the object, or "".
	Relation string `json:"relation,omitempty"`
	// What says what was observed, Why what it means.
	What string `json:"what"`
	Why  string `json:"why"`
	// Rows and Bytes are the relation's in the live database; nil where unknown.
	Rows  *int64 `json:"rows"`
	Bytes *int64 `json:"bytes"`
	// WritesPerSecond and ScansPerSecond are its traffic; nil where unknown.
	WritesPerSecond *float64 `json:"writes_per_second"`
	ScansPerSecond  *float64 `json:"scans_per_second"`
	// ExpectedRows is how many rows of it the live planner expects the statement to
	// write; nil where it was not asked.
	ExpectedRows *int64 `json:"expected_rows,omitempty"`
	// Safe is what to do instead, Command what writes it, or "".
	Safe    string `json:"safe"`
	Command string `json:"command,omitempty"`
	// Targets is how many of the databases of a merged report have it, and Target the
	// one where it is gravest, of which the sizes are.
	Targets int    `json:"targets,omitempty"`
	Target  string `json:"target,omitempty"`
	// Suppressed is the reason of the `-- rung:allow` that suppresses it.
	Suppressed string `json:"suppressed,omitempty"`

	statement *moment
	record    *FindingRecord
	// silent is true for a relation that the pending files made.
	silent bool
	// weight are the relations by whose sizes it is weighed, as they were before
	// the first pending file; the first is what it is about.
	weight []*relation
	// guards are of these what ends the transaction where one is too large.
	guards map[int64]guard
	// users are statements of programs that use the relation.
	users []LiveStatement
	// among is how many databases a merged report is of.
	among int
}

// judge makes findings of what the observer saw.
type judge struct {
	o     *observer
	found []*ReviewFinding
	// limited are the files of which no-lock-timeout is said.
	limited map[string]bool
	// created are the statements that made objects, by kind and name.
	created map[string]*moment
}

// about is what a finding is about.
type about struct {
	oid     int64 // of a relation, or 0
	name    string
	column  string
	typ     string
	other   string
	what    string
	another int64 // a second relation that weighs
	made    bool  // by the pending files, though the relation is not
	anyway  bool  // also of what the pending files make

	// template is the command in place of the finding's usual one, or noTemplate.
	template string
}

// add keeps a finding, once for a statement and a relation.
func (j *judge) add(m *moment, id string, a about) {
	record := FindRecord(id)
	if record.reverts(m.Direction) {
		return
	}
	f := newFinding(m, id)
	f.Relation, f.What = a.name, a.what
	if a.oid != 0 {
		top := j.root(m, a.oid)
		f.Relation, f.silent = j.o.name(m, top), !a.anyway && (a.made || j.o.known[top] == nil)
		for _, oid := range []int64{top, j.root(m, a.another)} {
			if r := j.o.known[oid]; r != nil {
				f.weight = append(f.weight, r)
			}
		}
	}
	if m.tx != nil {
		f.guardedBy(m.tx.guards)
	}
	if a.what != "" && a.what == m.Failed {
		f.FailedAt = m.FailedAt
	}
	if f.What == "" {
		f.What = lowerFirst(strings.TrimSuffix(record.When, "."))
	}
	if template := cmp.Or(a.template, record.Template); template != "" && template != noTemplate {
		f.Command = command(template, f.Relation, a)
	}
	if !slices.ContainsFunc(j.found, func(other *ReviewFinding) bool {
		return other.ID == id && other.statement == m && other.Relation == f.Relation
	}) {
		j.found = append(j.found, f)
	}
}

// guardedBy notes which of the relations that a finding is weighed by are guarded.
func (f *ReviewFinding) guardedBy(guards map[int64]guard) {
	for _, r := range f.weight {
		if g, is := guards[r.OID]; is {
			if f.guards == nil {
				f.guards = map[int64]guard{}
			}
			f.guards[r.OID] = g
		}
	}
	if g, is := f.guards[firstOID(f.weight)]; is && f.record.Weighs {
		f.What += "; " + g.says
	}
}

func firstOID(all []*relation) int64 {
	if len(all) == 0 {
		return 0
	}
	return all[0].OID
}

// newFinding makes one, of which the kind is all that is known.
func newFinding(m *moment, id string) *ReviewFinding {
	record := FindRecord(id)
	return &ReviewFinding{ID: id, Severity: record.Severity, File: m.File, Version: m.Version, Line: m.Line, Why: record.Why, Safe: record.Safe, statement: m, record: record}
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// command fills a template's command in, as a shell takes it. What the user has
// to fill in stands as …
func command(text, relation string, a about) string {
	fill := strings.NewReplacer(
		"TABLE", strings.TrimPrefix(relation, "public."), "COLUMN", cmp.Or(a.column, "…"),
		"TYPE", cmp.Or(a.typ, "…"), "OTHER", strings.TrimPrefix(a.other, "public."),
	)
	plain := strings.NewReplacer("…", "x", ".", "_", `"`, "", " ", "", ",", "_")
	words := strings.Fields(text)
	for i, word := range words {
		switch filled := fill.Replace(word); {
		case i == 2: // the name of the files
			words[i] = shell.Quote(plain.Replace(filled))
		case strings.HasSuffix(filled, "=…"):
			words[i] = filled
		default:
			words[i] = shell.Quote(filled)
		}
	}
	return strings.Join(words, " ")
}

func (j *judge) root(m *moment, oid int64) int64 {
	if m.after.relations[oid] != nil {
		return m.after.root(oid)
	}
	return m.before.root(oid)
}

// indexColumns are an index's columns, as far as they are plain.
func (j *judge) indexColumns(m *moment, index *relation) string {
	var names []string
	for _, n := range strings.Fields(index.Keys) {
		for _, c := range m.after.columns {
			if c.Table == index.Table && fmt.Sprint(c.Number) == n {
				names = append(names, c.ident())
			}
		}
	}
	return strings.Join(names, ",")
}

// namedIn reports whether a text has a name as a word.
func namedIn(text, name string) bool {
	return regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b`).MatchString(text)
}

// bytesText is a size: "3.1 GB".
func bytesText(n int64) string {
	size := float64(n)
	for _, unit := range []string{"bytes", "kB", "MB", "GB"} {
		if size < 1024 {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", size), ".0") + " " + unit
		}
		size /= 1024
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", size), ".0") + " TB"
}
