package adopt

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rung/internal/othertool"
	"rung/runner"
)

// answers are what the user says of what a history leaves open.
type answers struct{ applied, pending []string }

// of is the answer for a version, or "": by its number, or by the tool's name for it.
func (a answers) of(m *runner.Migration, key string) state {
	named := func(all []string) bool {
		return slices.ContainsFunc(all, func(s string) bool {
			v, err := runner.ParseVersion(s)
			return s == key || err == nil && m != nil && v == m.Version
		})
	}
	switch {
	case named(a.applied):
		return applied
	case named(a.pending):
		return undone
	}
	return ""
}

// took is a version to record as applied, or as pending again.
type took struct {
	m        *runner.Migration
	at       time.Time
	checksum string
	pending  bool
	said     bool // by the user, not by the history
}

// decision is what to do about a history: pure, from its entries, the files, rung's
// rows and the answers.
type decision struct {
	tool     string
	files    *files
	rows     []runner.AppliedRow
	answers  answers
	took     []took
	settled  map[runner.Version]bool // decided, one way or the other
	inPlace  map[runner.Version]bool
	already  int
	ignored  []string
	findings []runner.Finding
	top      runner.Version // the newest version that the history has
}

func decide(h *othertool.History, entries []entry, d *runner.Directory, rows []runner.AppliedRow, a answers) *decision {
	dec := &decision{tool: h.Tool, files: filesOf(d), rows: rows, answers: a, settled: map[runner.Version]bool{}, inPlace: map[runner.Version]bool{}}
	mode := tools[h.Tool].mode
	if mode == upTo {
		entries = dec.spread(entries)
	}
	slices.SortStableFunc(entries, byVersion)
	for n, e := range entries {
		m, otherwise := dec.files.find(e)
		if mode == order {
			m, otherwise = dec.files.nth(e, n), ""
		}
		dec.entry(e, m, otherwise)
	}
	dec.answeredFiles()
	dec.withoutRows()
	dec.undoneSince()
	slices.SortStableFunc(dec.took, func(a, b took) int { return a.m.Version.Compare(b.m.Version) })
	slices.SortStableFunc(dec.findings, func(a, b runner.Finding) int { return a.Version.Compare(b.Version) })
	return dec
}

// byVersion orders numbers as numbers, and what is none as text.
func byVersion(a, b entry) int {
	v, e1 := runner.ParseVersion(a.version)
	w, e2 := runner.ParseVersion(b.version)
	if e1 == nil && e2 == nil {
		return v.Compare(w)
	}
	return strings.Compare(a.key(), b.key())
}

// spread makes an entry for each file out of the one row that says how far.
func (dec *decision) spread(entries []entry) (all []entry) {
	if len(entries) > 1 {
		dec.find(runner.OtherUnclear, nil, fmt.Sprintf("%s has one row, and its table has %d", dec.tool, len(entries)), byHand)
		return nil
	}
	for _, e := range entries {
		v, err := runner.ParseVersion(e.version)
		if err != nil || v == "0" { // −1 is golang-migrate's for none, 0 is tern's
			v = "0"
			if e.state == failed {
				dec.unstarted(e)
			}
			if dec.tool == "tern" || err != nil {
				return nil
			}
		}
		for _, m := range dec.files.ups {
			if m.Version.Compare(v) < 0 {
				all = append(all, entry{version: string(m.Version), state: applied})
			}
		}
		all = append(all, e)
	}
	return all
}

// unstarted is a history that is dirty before the first file: a down of it failed.
func (dec *decision) unstarted(e entry) {
	if len(dec.files.ups) == 0 || e.version == "0" {
		return
	}
	m := dec.files.ups[0]
	if dec.answers.of(m, "") == "" {
		dec.settled[m.Version] = true
		dec.ask(runner.OtherFailed, m, m.Title(), fmt.Sprintf("%s stopped in the middle of its down (dirty), and does not say how much of it is left", dec.tool))
	}
}

// entry decides about one version of the history.
func (dec *decision) entry(e entry, m *runner.Migration, otherwise string) {
	switch e.state {
	case undone:
		return
	case other:
		dec.ignored = append(dec.ignored, e.name)
		return
	case below:
		dec.below(e, m)
		return
	}
	answer := dec.answers.of(m, e.key())
	if m == nil {
		if _, name := e.number(); answer != undone && name == "" {
			dec.reach(versionOf(e))
		}
		if answer != undone {
			dec.find(runner.OtherNoFile, &runner.Migration{Version: versionOf(e), Name: e.name}, fmt.Sprintf("%s %s %s, and there is no file of it", dec.tool, did(e.state), label(e)),
				fmt.Sprintf("put its file into the directory, or leave it out with --as-pending %s", e.key()))
		}
		return
	}
	dec.reach(m.Version)
	if dec.inPlace[m.Version] {
		dec.find(runner.OtherUnclear, m, fmt.Sprintf("%s has two rows that mean this file, one of them %s", dec.tool, label(e)), "rename the files so that each row has its own, or "+byHand)
		return
	}
	switch {
	case answer == "" && dec.recorded(m.Version) != nil:
		dec.already++
		dec.inPlace[m.Version] = true
	case answer == undone:
	case answer == "" && e.state == failed:
		dec.ask(runner.OtherFailed, m, e.key(), dec.half(e))
	case answer == "" && otherwise != "":
		dec.ask(runner.OtherUnclear, m, e.key(), fmt.Sprintf("%s ran version %s under the name %q: is this file the same migration?", dec.tool, e.version, otherwise))
	default:
		dec.take(took{m: m, at: e.at, checksum: e.checksum, said: e.state == failed})
	}
	dec.settled[m.Version] = true
}

// reach notes that the history has a version.
func (dec *decision) reach(v runner.Version) {
	if v != "" && (dec.top == "" || v.Compare(dec.top) > 0) {
		dec.top = v
	}
}

// half says of an entry that it is in the middle.
func (dec *decision) half(e entry) string {
	if dec.tool == "golang-migrate" {
		return fmt.Sprintf("%s is dirty at version %s: its up stopped in the middle, or the down of the version after it, and how far cannot be seen", dec.tool, e.version)
	}
	return fmt.Sprintf("%s says that it failed or did not end, and not how far it got", dec.tool)
}

// below takes all files up to a version that the tool found in place.
func (dec *decision) below(e entry, m *runner.Migration) {
	v := versionOf(e)
	if m != nil {
		v = m.Version
	}
	if v == "" || m == nil && (len(dec.files.ups) == 0 || dec.files.ups[0].Version.Compare(v) > 0) {
		// It may be older than all files, or they may have other numbers by now.
		if dec.answers.of(nil, e.key()) != undone {
			dec.find(runner.OtherUnclear, nil, fmt.Sprintf("%s has a baseline at %s, and which files are below it cannot be told", dec.tool, e.key()),
				fmt.Sprintf("check the database: --as-applied V for each file that is applied, and --as-pending %s if none is, or no other", e.key()))
		}
		return
	}
	for _, m := range dec.files.ups {
		if m.Version.Compare(v) > 0 || dec.inPlace[m.Version] || dec.answers.of(m, "") == undone {
			continue
		}
		dec.settled[m.Version] = true
		dec.take(took{m: m})
	}
}

func (dec *decision) take(t took) {
	dec.inPlace[t.m.Version] = true
	row := dec.recorded(t.m.Version)
	if row != nil && !(t.said && dec.adopted(row)) {
		dec.already++
		return
	}
	dec.took = append(dec.took, t)
}

// answeredFiles takes the files that the user says are in place.
func (dec *decision) answeredFiles() {
	for _, m := range dec.files.ups {
		if dec.settled[m.Version] {
			continue
		}
		switch dec.answers.of(m, m.Name) {
		case applied:
			dec.take(took{m: m, said: true})
			dec.settled[m.Version] = true
		case undone:
			dec.settled[m.Version] = true
		}
	}
}

// withoutRows asks about files below the newest version that the history lacks.
func (dec *decision) withoutRows() {
	for _, m := range dec.files.ups {
		if dec.top == "" || m.Version.Compare(dec.top) > 0 || dec.settled[m.Version] || dec.recorded(m.Version) != nil {
			continue
		}
		dec.ask(runner.OtherNoRow, m, string(m.Version), fmt.Sprintf("is below version %s, which %s ran, and %s has no row for it", dec.top, dec.tool, dec.tool))
	}
}

// undoneSince asks about versions that were adopted before, and that the tool has
// reverted since.
func (dec *decision) undoneSince() {
	for _, row := range dec.rows {
		if !dec.adopted(&row) || dec.inPlace[row.Version] {
			continue
		}
		m := dec.files.d.Find(row.Version)
		if m == nil {
			m = &runner.Migration{Version: row.Version, Name: row.Name}
		}
		switch dec.answers.of(m, "") {
		case undone:
			dec.took = append(dec.took, took{m: m, pending: true})
		case "":
			dec.ask(runner.OtherUndone, m, string(row.Version), fmt.Sprintf("was adopted from %s, whose history no longer has it: it was reverted there since", dec.tool))
		}
	}
}

// adopted reports whether a row was adopted from this tool.
func (dec *decision) adopted(row *runner.AppliedRow) bool {
	return row.AdoptedFrom != nil && *row.AdoptedFrom == dec.tool && row.State == runner.Applied
}

func (dec *decision) recorded(v runner.Version) *runner.AppliedRow {
	for i := range dec.rows {
		if dec.rows[i].Version == v {
			return &dec.rows[i]
		}
	}
	return nil
}

// ask is a finding with both answers.
func (dec *decision) ask(kind runner.FindingKind, m *runner.Migration, key, what string) {
	if m.Version != "" {
		key, _, _ = strings.Cut(dec.files.d.Title(m.Version, m.Name), "_")
	}
	dec.find(kind, m, what, fmt.Sprintf("look at the database: --as-applied %s where all of it is there, --as-pending %s where none of it is", key, key))
}

func (dec *decision) find(kind runner.FindingKind, m *runner.Migration, what, fix string) {
	f := runner.Finding{Kind: kind, What: what, Fix: fix}
	if m != nil {
		f.Version, f.Name = m.Version, m.Name
		if m.Up != nil {
			f.File = m.Up.Path
		}
	}
	dec.findings = append(dec.findings, f)
}

func (dec *decision) err() error {
	if len(dec.findings) == 0 {
		return nil
	}
	return &runner.DisagreementError{Findings: dec.findings}
}

// adoptions are for the runner.
func (dec *decision) adoptions(table string) (all []runner.Adoption) {
	for _, t := range dec.took {
		a := runner.Adoption{Version: t.m.Version, From: dec.tool, At: t.at, Note: "from " + table, Pending: t.pending}
		switch {
		case t.pending:
			a.Note = "pending again: reverted in " + table
		case t.said:
			a.From, a.At, a.Note = "", time.Time{}, "by --as-applied, beside "+table
		case t.checksum != "":
			a.Note += ", where its checksum is " + t.checksum
		}
		all = append(all, a)
	}
	return all
}

func versionOf(e entry) runner.Version {
	version, _ := e.number()
	v, err := runner.ParseVersion(version)
	if err != nil {
		return ""
	}
	return v
}

// label names an entry in a sentence.
func label(e entry) string {
	if e.version != "" && e.name != "" {
		return fmt.Sprintf("%s (%s)", e.version, e.name)
	}
	return e.key()
}

func did(s state) string {
	if s == failed {
		return "failed in"
	}
	return "ran"
}
