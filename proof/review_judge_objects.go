package proof

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rung/internal/lazyre"
)

// indexDrops judges indexes that are dropped by themselves.
func (j *judge) indexDrops(m *moment) {
	for _, oid := range sortedOIDs(m.before.relations) {
		was := m.before.relations[oid]
		if !was.isIndex() || m.after.relations[oid] != nil || m.after.relations[was.Table] == nil || m.lockOn(was.Table) != accessExclusive || m.word(1) != "INDEX" {
			continue
		}
		j.add(m, "index-drop-not-concurrent", about{oid: was.Table, what: fmt.Sprintf("dropping index %s takes ACCESS EXCLUSIVE on %s", was.full(), j.o.name(m, was.Table))})
	}
}

// foreignKeys judges those that are new or gone.
func (j *judge) foreignKeys(m *moment) {
	for _, oid := range sortedOIDs(m.after.constraints) {
		k := m.after.constraints[oid]
		if k.Sort != "f" || k.Parent != 0 || m.before.constraints[oid] != nil {
			continue
		}
		columns := j.columnNames(m, k.Table, k.Keys)
		if k.Valid && slices.Contains(m.scanned, k.Table) && m.lockOn(k.Table).blocksWrites() {
			j.add(m, "scan-foreign-key", about{
				oid: k.Table, another: k.Other, column: columns, other: j.o.name(m, k.Other),
				what: fmt.Sprintf("every row of %s is checked against %s, with %s on both", j.o.name(m, k.Table), j.o.name(m, k.Other), m.lockOn(k.Table)),
			})
		}
		j.referenced(m, k)
		if !j.indexed(m, k) {
			j.add(m, "fk-without-index", about{oid: k.Table, column: columns, what: fmt.Sprintf("no index of %s starts with %s", j.o.name(m, k.Table), columns)})
		}
		j.keyTypes(m, k)
	}
	for _, oid := range sortedOIDs(m.before.constraints) {
		if k := m.before.constraints[oid]; k.Sort == "f" && k.Parent == 0 && m.after.constraints[oid] == nil && m.after.relations[k.Other] != nil {
			j.referenced(m, k)
		}
	}
}

func (j *judge) referenced(m *moment, k *constraint) {
	took := slices.ContainsFunc(m.taken(), func(l Lock) bool { return l.oid == k.Other })
	if mode := m.lockOn(k.Other); k.Other != k.Table && mode.blocksWrites() && took {
		j.add(m, "lock-on-referenced", about{oid: k.Other, what: fmt.Sprintf("%s on %s, which foreign key %s refers to: %s wait until line %d", mode, j.o.name(m, k.Other), k.Name, mode.blocks(), m.EndLine)})
	}
}

func (j *judge) columnNames(m *moment, table int64, keys string) string {
	return j.indexColumns(m, &relation{Table: table, Keys: keys})
}

// indexed reports whether an index starts with the columns of a foreign key.
func (j *judge) indexed(m *moment, k *constraint) bool {
	keys := strings.Fields(k.Keys)
	slices.Sort(keys)
	for _, r := range m.after.relations {
		if !r.isIndex() || r.Table != k.Table {
			continue
		}
		first := strings.Fields(r.Keys)
		first = slices.Clone(first[:min(len(first), len(keys))])
		slices.Sort(first)
		if slices.Equal(first, keys) {
			return true
		}
	}
	return false
}

func (j *judge) keyTypes(m *moment, k *constraint) {
	others := strings.Fields(k.OtherKeys)
	for i, key := range strings.Fields(k.Keys) {
		if i >= len(others) {
			return
		}
		a, b := columnAt(m.after, k.Table, key), columnAt(m.after, k.Other, others[i])
		if a != nil && b != nil && withoutLength(a.Type) != withoutLength(b.Type) {
			j.add(m, "fk-type-mismatch", about{oid: k.Table, column: a.ident(), what: fmt.Sprintf("%s.%s is %s, and %s.%s is %s", j.o.name(m, k.Table), a.ident(), a.Type, j.o.name(m, k.Other), b.ident(), b.Type)})
		}
	}
}

func withoutLength(t string) string {
	name, _, _ := strings.Cut(t, "(")
	return name
}

// relations judges tables that are dropped, renamed, detached, or lose row level security.
func (j *judge) relations(m *moment) {
	for _, oid := range sortedOIDs(m.before.relations) {
		was, is := m.before.relations[oid], m.after.relations[oid]
		switch {
		case !was.isTable() && was.Kind != "v":
		case is == nil && was.isTable():
			j.add(m, "drop-table", about{oid: oid, what: relationKinds[was.Kind] + " " + j.o.name(m, oid) + " is dropped with its rows"})
		case is == nil:
		case was.full() != is.full():
			j.add(m, "rename-table", about{oid: oid, what: was.full() + " is now " + is.full()})
		case was.Parent != 0 && is.Parent == 0 && m.lockOn(was.Parent) == accessExclusive:
			j.add(m, "detach-blocking", about{oid: was.Parent, what: fmt.Sprintf("detaching %s takes ACCESS EXCLUSIVE on %s", was.full(), nameIn(m.before, was.Parent))})
		case was.RLS && !is.RLS:
			j.add(m, "rls-disabled", about{oid: oid, what: "row level security of " + is.full() + " is off"})
		}
	}
	for _, oid := range sortedOIDs(m.after.relations) {
		is := m.after.relations[oid]
		if m.before.relations[oid] != nil {
			continue
		}
		if is.Kind == "v" && m.tx != nil { // it stands in for a table that is renamed in the same transaction
			j.found = slices.DeleteFunc(j.found, func(f *ReviewFinding) bool {
				return f.ID == "rename-table" && f.statement.tx == m.tx && f.Relation == is.full()
			})
		}
	}
}

// invalid judges indexes that the statement has left INVALID.
func (j *judge) invalid(m *moment) {
	for _, oid := range sortedOIDs(m.after.relations) {
		if is := m.after.relations[oid]; is.Kind == "i" && !is.Valid && m.before.relations[oid] == nil {
			j.add(m, "invalid-index", about{oid: is.Table, what: "index " + is.full() + " is left INVALID"})
		}
	}
}

// columns judges columns that are new, gone or changed.
func (j *judge) columns(m *moment) {
	for _, k := range pairs(m.before, m.after) {
		was, is := m.before.columns[k], m.after.columns[k]
		if r := m.relation(k.table); !r.isTable() || r.Kind == "m" {
			continue
		}
		a := func(c *column, format string, args ...any) about {
			return about{oid: k.table, column: c.ident(), typ: c.Type, what: fmt.Sprintf(format, args...)}
		}
		of := j.o.name(m, k.table) + "."
		switch {
		case is == nil:
			gone := a(was, "column %s%s is dropped with its values", of, was.ident())
			gone.made = j.o.knownColumns[k] == nil
			j.add(m, "drop-column", gone)
			continue
		case is.Type == "json" && (was == nil || was.Type != "json"):
			j.add(m, "json-column", a(is, "column %s%s is json", of, is.ident()))
		}
		if was == nil {
			if is.NotNull && is.Default == "" && !is.Generated {
				j.add(m, "required-column", a(is, "column %s%s is NOT NULL and has no default", of, is.ident()))
			}
			continue
		}
		if was.Name != is.Name {
			j.add(m, "rename-column", a(is, "column %s%s is now %s", of, was.ident(), is.ident()))
		}
		if was.NotNull && !is.NotNull {
			j.add(m, "drop-not-null", a(is, "column %s%s may be NULL", of, is.ident()))
		}
		if was.redefaulted(is) {
			j.add(m, "default-changed", a(is, "the default of %s%s is now %s, was %s", of, is.ident(), orNone(is.Default), orNone(was.Default)))
		}
		if was.retyped(is) && narrower(was.Type, is.Type) {
			j.add(m, "narrowing", a(is, "column %s%s was %s and is %s, which holds less", of, is.ident(), was.Type, is.Type))
		}
	}
}

var typeLength = lazyre.New(`^(.*?)(?:\((\d+)(?:,(\d+))?\))?$`)

// narrower reports whether a type holds less than another, as far as the two are
// of a kind.
func narrower(was, is string) bool {
	a, b := typeLength.FindStringSubmatch(was), typeLength.FindStringSubmatch(is)
	if a == nil || b == nil {
		return false
	}
	integers := []string{"smallint", "integer", "bigint", "numeric"}
	if x, y := slices.Index(integers, a[1]), slices.Index(integers, b[1]); x >= 0 && y >= 0 && x != y {
		return y < x
	}
	texts := []string{"text", "character varying", "character", "bpchar"}
	switch {
	case slices.Contains(texts, a[1]) && slices.Contains(texts, b[1]):
		return b[2] != "" && (a[2] == "" || lengthOf(b[2]) < lengthOf(a[2]))
	case a[1] == "numeric" && b[1] == "numeric":
		return b[2] != "" && (a[2] == "" || lengthOf(b[2])-lengthOf(b[3]) < lengthOf(a[2])-lengthOf(a[3]) || lengthOf(b[3]) < lengthOf(a[3]))
	case strings.HasPrefix(was, "timestamp") && is == "date", was == "double precision" && is == "real", was == "timestamp with time zone" && is == "timestamp without time zone":
		return true
	}
	return slices.Contains(texts, a[1]) && !slices.Contains(texts, b[1])
}

func lengthOf(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// objects judges triggers, enums, schemas and extensions.
func (j *judge) objects(m *moment) {
	for _, key := range append(objectKeys(m.after), objectKeys(m.before)...) {
		was, is := m.before.objects[key], m.after.objects[key]
		known := j.o.knownObjects[key] != nil
		switch key.kind {
		case "trigger":
			o := is
			if o == nil {
				o = was
			}
			if mode := m.lockOn(o.Table); m.after.relations[o.Table] != nil && m.before.relations[o.Table] != nil && (was == nil || is == nil || was.Row != is.Row) && mode.blocksWrites() {
				j.add(m, "trigger-lock", about{oid: o.Table, what: fmt.Sprintf("trigger %s takes %s on %s: %s wait until line %d", o.Name, mode, j.o.name(m, o.Table), mode.blocks(), m.EndLine)})
			}
		case "function":
			j.definer(m, was, is)
		case "enum value":
			if was == nil && is != nil {
				j.newEnumValue(m, is)
			}
			if known && was != nil && is != nil && was.Name != is.Name {
				j.add(m, "enum-rename-value", about{name: j.typeName(m, is.Table), what: fmt.Sprintf("value %q of %s is now %q", was.Name, j.typeName(m, is.Table), is.Name)})
			}
		case "schema":
			if known && was != nil && is != nil && was.Name != is.Name {
				j.add(m, "rename-schema", about{name: was.Name, what: fmt.Sprintf("schema %s is now %s, with all that is in it", was.Name, is.Name)})
			}
		case "extension":
			if known && was != nil && is != nil && was.Row != is.Row {
				j.add(m, "extension-upgrade", about{name: is.Name, what: fmt.Sprintf("extension %s goes from version %s to %s", is.Name, was.Row, is.Row)})
			}
		}
	}
}

func (j *judge) typeName(m *moment, oid int64) string {
	if t := m.after.objects[objectKey{"type", oid}]; t != nil {
		return t.Name
	}
	return "an enum"
}

// rows judges statements that write whole tables.
func (j *judge) rows(m *moment) {
	for _, name := range m.wholeTables {
		for _, oid := range sortedOIDs(m.before.relations) {
			if r := m.before.relations[oid]; !r.isTable() || r.full() != name {
				continue
			}
			if m.tx != nil && slices.ContainsFunc(m.tx.statements, func(e *moment) bool { return e != m && e.added[j.root(m, oid)] }) {
				j.add(m, "add-then-backfill", about{oid: oid, what: fmt.Sprintf("%s is written in full while the column's ACCESS EXCLUSIVE is held", name)})
				continue
			}
			j.add(m, "update-whole-table", about{oid: oid, what: fmt.Sprintf("no index leads to the rows of %s: all are read, in one transaction", name)})
		}
	}
	m.added = map[int64]bool{}
	for _, k := range pairs(m.before, m.after) {
		if m.before.columns[k] == nil {
			m.added[j.root(m, k.table)] = true
		}
	}
}

var skipping = lazyre.New(`already exists(?: in .*)?, skipping$`)

// said judges the server's notices.
func (j *judge) said(m *moment) {
	for _, n := range m.notices {
		switch {
		case n.Code == "42622":
			j.add(m, "identifier-cut", about{what: n.Message})
		case skipping.MatchString(n.Message):
			j.add(m, "idempotent-guards", about{what: n.Message})
		}
	}
}

// held judges the locks that earlier statements of the transaction took.
func (j *judge) held(m *moment) {
	if m.tx == nil {
		return
	}
	slow := j.slow(m)
	var roots []int64
	by := map[*moment]bool{}
	for _, l := range m.Locks {
		if !l.Mode.blocksWrites() || l.New || !m.relation(l.oid).isTable() {
			continue
		}
		if top := j.root(m, l.oid); !slices.Contains(roots, top) {
			roots = append(roots, top)
		}
		by[l.by] = true
		if l.by != m && slow != "" && !j.foundFor(m, "add-then-backfill", "validate-same-tx") {
			j.add(m, "lock-long-held", about{oid: l.oid, another: j.slowTable(m), what: fmt.Sprintf("%s while %s on %s is held since line %d: %s of it wait", slow, l.Mode, l.Relation, l.Since, l.Blocks)})
		}
	}
	if len(roots) > 1 && len(by) > 1 && !m.tx.many {
		m.tx.many = true
		var names []string
		for _, oid := range roots {
			names = append(names, j.o.name(m, oid))
		}
		j.add(m, "lock-many-tables", about{oid: roots[len(roots)-1], another: roots[0], what: "one transaction holds strong locks on " + strings.Join(names, ", ")})
	}
}

func (j *judge) foundFor(m *moment, ids ...string) bool {
	return slices.ContainsFunc(j.found, func(f *ReviewFinding) bool { return f.statement == m && slices.Contains(ids, f.ID) })
}

// slow says what of a statement takes as long as a table is large, or is "".
func (j *judge) slow(m *moment) string {
	switch {
	case len(m.Rewrites) > 0 && j.o.knownName(m.Rewrites[0]):
		return m.Rewrites[0] + " is rewritten"
	case len(m.Builds) > 0 && j.o.knownName(m.Builds[0].Table):
		return "index " + m.Builds[0].Index + " is built"
	case len(m.Scans) > 0 && j.o.knownName(m.Scans[0]):
		return "every row of " + m.Scans[0] + " is read"
	case len(m.wholeTables) > 0 && j.o.knownName(m.wholeTables[0]):
		return "rows of " + m.wholeTables[0] + " are written"
	}
	return ""
}

// slowTable is the table that slow is about, or 0.
func (j *judge) slowTable(m *moment) int64 {
	for oid := range j.o.known {
		name := j.o.known[oid].full()
		if slices.Contains(m.Rewrites, name) || slices.Contains(m.Scans, name) || slices.Contains(m.wholeTables, name) || slices.ContainsFunc(m.Builds, func(b Build) bool { return b.Table == name }) {
			return oid
		}
	}
	return 0
}
