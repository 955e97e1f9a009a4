package proof

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rung/runner"
)

// ReviewFinding is one thing that review found in a statement.
type ReviewFinding struct {
	ID       string         `json:"id"`
	Severity Severity       `json:"severity"`
	File     string         `json:"file"`
	Version  runner.Version `json:"version"`
	Line     int            `json:"line"`
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
	// Safe is what to do instead, Command what writes it, or "".
	Safe    string `json:"safe"`
	Command string `json:"command,omitempty"`
	// Suppressed is the reason of the `-- rung:allow` that suppresses it.
	Suppressed string `json:"suppressed,omitempty"`

	statement *moment
	record    *FindingRecord
	// silent is true for a relation that the pending files made.
	silent bool
	// weight are the relations by whose sizes it is weighed, as they were before
	// the first pending file; the first is what it is about.
	weight []*relation
}

// judge makes findings of what the observer saw.
type judge struct {
	o     *observer
	found []*ReviewFinding
	// limited are the files of which no-lock-timeout is said.
	limited map[string]bool
	// created are the statements that made objects, by kind and name.
	created map[string]*moment
	// data collects what to ask the live rows; nil for nothing.
	data *checker
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
}

// add keeps a finding, once for a statement and a relation.
func (j *judge) add(m *moment, id string, a about) {
	record := FindRecord(id)
	if record.reverts(m.Direction) {
		return
	}
	f := j.finding(m, id)
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
	if f.What == "" {
		f.What = lowerFirst(strings.TrimSuffix(record.When, "."))
	}
	if record.Template != "" {
		f.Command = command(record.Template, f.Relation, a)
	}
	if !slices.ContainsFunc(j.found, func(other *ReviewFinding) bool {
		return other.ID == id && other.statement == m && other.Relation == f.Relation
	}) {
		j.found = append(j.found, f)
	}
}

// finding makes one, of which the kind is all that is known.
func (*judge) finding(m *moment, id string) *ReviewFinding {
	record := FindRecord(id)
	return &ReviewFinding{ID: id, Severity: record.Severity, File: m.File, Version: m.Version, Line: m.Line, Why: record.Why, Safe: record.Safe, statement: m, record: record}
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// command fills a template's command in.
func command(text, relation string, a about) string {
	short := strings.TrimPrefix(relation, "public.")
	column := a.column
	if column == "" {
		column = "…"
	}
	typ := a.typ
	if typ == "" {
		typ = "…"
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(text, "rung new "), " ")
	fill := strings.NewReplacer("TABLE", short, "COLUMN", column, "TYPE", shellQuoted(typ), "OTHER", strings.TrimPrefix(a.other, "public."))
	plain := strings.NewReplacer("…", "x", ".", "_", `"`, "", " ", "", ",", "_").Replace(fill.Replace(name))
	return "rung new " + plain + " " + fill.Replace(rest)
}

func shellQuoted(s string) string {
	if strings.ContainsAny(s, " ()'\"$") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func (j *judge) root(m *moment, oid int64) int64 {
	if m.after.relations[oid] != nil {
		return m.after.root(oid)
	}
	return m.before.root(oid)
}

// lockOn is the lock on a relation while the statement runs.
func (m *moment) lockOn(oid int64) (mode LockMode) {
	for _, l := range m.Locks {
		if l.oid == oid {
			mode = stronger(mode, l.Mode)
		}
	}
	return mode
}

// statement judges one statement that is through.
func (j *judge) statement(m *moment) {
	if m.Failed != "" {
		j.failure(m)
		if m.after != nil {
			j.invalid(m)
		}
		return
	}
	j.files(m)
	j.scans(m)
	j.builds(m)
	j.indexDrops(m)
	j.foreignKeys(m)
	j.relations(m)
	j.columns(m)
	j.objects(m)
	j.rows(m)
	j.said(m)
	j.held(m)
	j.limits(m)
	if isServerWide(m.statement.Words) != "" && m.word(0) == "DROP" && m.word(1) == "DATABASE" {
		j.add(m, "drop-database", about{what: "it drops a database with all that is in it"})
		return
	}
	j.form(m)
	j.users(m)
	j.notesCreated(m)
	if m.NotObserved != "" && m.outside != "VACUUM" {
		j.add(m, "not-observed", about{what: "not observed: " + m.NotObserved})
	}
}

func (j *judge) failure(m *moment) {
	id := map[string]string{"55P04": "enum-add-use", "25001": "concurrently-in-tx"}[m.SQLState]
	if id == "" {
		id = "statement-fails"
	}
	j.add(m, id, about{what: m.Failed})
}

// files judges tables in new files.
func (j *judge) files(m *moment) {
	for _, oid := range sortedOIDs(m.after.relations) {
		is, was := m.after.relations[oid], m.before.relations[oid]
		if !is.isTable() || was == nil || was.File == is.File {
			continue
		}
		rewritten := slices.Contains(m.Rewrites, j.o.name(m, oid))
		switch column, typ := j.rewritingColumn(m, oid); {
		case rewritten || m.word(0) == "ALTER":
			j.add(m, "table-rewrite", about{oid: oid, column: column, typ: typ, what: j.o.name(m, oid) + " is written anew"})
		case is.Kind == "m":
			j.add(m, "refresh-blocking", about{oid: oid, what: j.o.name(m, oid) + " is computed anew under ACCESS EXCLUSIVE"})
		case m.word(0) == "CLUSTER" || m.word(0) == "VACUUM":
			j.add(m, "table-rewrite-tool", about{oid: oid, what: m.word(0) + " writes " + j.o.name(m, oid) + " anew"})
		default:
			j.add(m, "truncate", about{oid: oid, what: j.o.name(m, oid) + " is emptied"})
		}
	}
}

// rewritingColumn is the first column that is new or of another type.
func (j *judge) rewritingColumn(m *moment, oid int64) (name, typ string) {
	for _, k := range pairs(m.before, m.after) {
		is, was := m.after.columns[k], m.before.columns[k]
		if k.table == oid && is != nil && (was == nil || was.retyped(is)) {
			return is.Name, is.Type
		}
	}
	return "", ""
}

// scans judges tables that were read in full.
func (j *judge) scans(m *moment) {
	for _, oid := range m.scanned {
		mode := m.lockOn(oid)
		if !mode.BlocksWrites() {
			continue
		}
		why := j.scanReason(m, oid)
		if why.id == "" {
			continue
		}
		text := fmt.Sprintf("every row of %s is read under %s", j.o.name(m, oid), mode)
		j.add(m, why.id, about{oid: oid, column: why.column, other: why.other, what: text})
	}
}

type scanReason struct{ id, column, other string }

// scanReason is what the table is read for.
func (j *judge) scanReason(m *moment, oid int64) scanReason {
	for _, k := range sortedOIDs(m.after.constraints) {
		is, was := m.after.constraints[k], m.before.constraints[k]
		switch {
		case !is.Valid || is.Table != oid && is.Other != oid || was != nil && was.Valid:
		case is.Sort == "f" && was == nil && is.Parent == 0:
			return scanReason{} // of foreignKeys
		case was != nil:
			return scanReason{id: "validate-same-tx"}
		case is.Sort == "c":
			return scanReason{id: "scan-check"}
		case is.Sort == "p":
			if column := j.requiredNow(m, oid); column != "" {
				return scanReason{id: "scan-primary-key", column: column}
			}
		}
	}
	for _, r := range m.after.relations {
		if was := m.before.relations[r.OID]; r.Parent != 0 && r.isTable() && (was == nil || was.Parent == 0) && j.root(m, oid) == j.root(m, r.OID) {
			return scanReason{id: "scan-partition"}
		}
	}
	if column := j.requiredNow(m, oid); column != "" {
		return scanReason{id: "scan-not-null", column: column}
	}
	if m.word(1) == "DOMAIN" || m.lockOn(oid) == share {
		return scanReason{id: "scan-domain"}
	}
	if j.adds(m, oid) {
		return scanReason{} // required-column
	}
	return scanReason{id: "scan-check"}
}

// requiredNow is a column that was there and is NOT NULL from here on.
func (j *judge) requiredNow(m *moment, oid int64) string {
	for _, k := range pairs(m.before, m.after) {
		is, was := m.after.columns[k], m.before.columns[k]
		if k.table == oid && is != nil && was != nil && is.NotNull && !was.NotNull {
			return is.Name
		}
	}
	return ""
}

// adds reports whether the statement adds a column to a table.
func (j *judge) adds(m *moment, oid int64) bool {
	return slices.ContainsFunc(pairs(m.before, m.after), func(k columnKey) bool { return k.table == oid && m.before.columns[k] == nil })
}

// builds judges indexes that were built, but for those of a table that is
// written anew.
func (j *judge) builds(m *moment) {
	for _, oid := range m.built {
		is, was := m.after.relations[oid], m.before.relations[oid]
		table := is.Table
		if old := m.before.relations[table]; old == nil || old.File != m.after.relations[table].File || !m.lockOn(table).BlocksWrites() {
			continue
		}
		a := about{oid: table, column: j.indexColumns(m, is), what: fmt.Sprintf("index %s is built under %s on %s", is.full(), m.lockOn(table), j.o.name(m, table))}
		switch {
		case was != nil:
			j.add(m, "reindex-blocking", a)
		case j.indexNamed(m, is) != nil:
			_, a.typ = j.rewritingColumn(m, table)
			j.add(m, "index-rebuild", a)
		case slices.ContainsFunc(sortedOIDs(m.after.constraints), func(k int64) bool {
			return m.after.constraints[k].Index == oid && m.before.constraints[k] == nil && m.after.constraints[k].Sort != "f"
		}):
			j.add(m, "index-by-constraint", a)
		default:
			j.add(m, "index-not-concurrent", a)
		}
	}
}

// indexNamed is the index that had the name before, on the same table.
func (j *judge) indexNamed(m *moment, is *relation) *relation {
	for _, r := range m.before.relations {
		if r.isIndex() && r.Table == is.Table && r.full() == is.full() && r.OID != is.OID {
			return r
		}
	}
	return nil
}

// indexColumns are an index's columns, as far as they are plain.
func (j *judge) indexColumns(m *moment, index *relation) string {
	var names []string
	for _, n := range strings.Fields(index.Keys) {
		for _, c := range m.after.columns {
			if c.Table == index.Table && fmt.Sprint(c.Number) == n {
				names = append(names, c.Name)
			}
		}
	}
	return strings.Join(names, ",")
}

// limits judges the file's own lock timeout.
func (j *judge) limits(m *moment) {
	limit := j.o.script.LockTimeout
	if limit == nil || *limit > 0 && *limit <= 10*time.Second || j.limited[m.File] {
		return
	}
	for _, l := range m.taken() {
		if l.Mode.BlocksWrites() && !l.New {
			j.limited[m.File] = true
			long := "without a limit"
			if *limit > 0 {
				long = "for up to " + limit.String()
			}
			j.add(m, "no-lock-timeout", about{oid: l.oid, what: fmt.Sprintf("it waits %s for %s on %s", long, l.Mode, l.Relation)})
			return
		}
	}
}
