package proof

import (
	"fmt"
	"slices"
	"time"
)

// statement judges one statement that is through.
func (j *judge) statement(m *moment) {
	if m.Failed != "" {
		j.failure(m)
		if m.after != nil {
			j.invalid(m)
		}
		return
	}
	j.guards(m)
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
		switch {
		case rewritten || m.word(0) == "ALTER":
			a := j.change(m, oid)
			a.what = j.o.name(m, oid) + " is rewritten"
			j.add(m, "table-rewrite", a)
		case is.Kind == "m":
			j.add(m, "refresh-blocking", about{oid: oid, what: j.o.name(m, oid) + " is computed anew under ACCESS EXCLUSIVE"})
		case m.word(0) == "CLUSTER" || m.word(0) == "VACUUM":
			j.add(m, "table-rewrite-tool", about{oid: oid, what: m.word(0) + " rewrites " + j.o.name(m, oid)})
		default:
			j.add(m, "truncate", about{oid: oid, what: j.o.name(m, oid) + " is emptied"})
		}
	}
}

// scans judges tables that were read in full.
func (j *judge) scans(m *moment) {
	for _, oid := range m.scanned {
		mode := m.lockOn(oid)
		if !mode.blocksWrites() {
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
			return is.ident()
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
		if old := m.before.relations[table]; old == nil || old.File != m.after.relations[table].File || !m.lockOn(table).blocksWrites() {
			continue
		}
		a := about{oid: table, column: j.indexColumns(m, is), what: fmt.Sprintf("index %s is built under %s on %s", is.full(), m.lockOn(table), j.o.name(m, table))}
		switch {
		case was != nil:
			j.add(m, "reindex-blocking", a)
		case j.indexNamed(m, is) != nil:
			of := j.change(m, table)
			of.what = a.what
			j.add(m, "index-rebuild", of)
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

// limits judges the file's own lock timeout.
func (j *judge) limits(m *moment) {
	limit := j.o.script.LockTimeout
	if limit == nil || *limit > 0 && *limit <= 10*time.Second || j.limited[m.File] {
		return
	}
	for _, l := range m.taken() {
		if l.Mode.blocksWrites() && !l.New {
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
