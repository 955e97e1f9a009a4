package proof

import (
	"slices"
	"strings"
)

// What a statement does to a column for which the table, or an index of it, is made
// anew, and the template that does it instead.

// noTemplate stands for a template where none does it.
const noTemplate = "none"

// change is about the first column that is new or of another type.
func (j *judge) change(m *moment, table int64) about {
	for _, k := range pairs(m.before, m.after) {
		is, was := m.after.columns[k], m.before.columns[k]
		switch {
		case k.table != table || is == nil:
		case was == nil:
			return about{oid: table, column: is.ident(), typ: is.Type, template: FindRecord("required-column").Template}
		case was.retyped(is):
			a := about{oid: table, column: is.ident(), typ: is.Type}
			if was.recollated(is) {
				a.template = noTemplate
				return a
			}
			j.key(m, was, is, &a)
			return a
		}
	}
	return about{oid: table, template: noTemplate} // SET LOGGED, SET ACCESS METHOD and the like
}

// key says what changes a column of a key: a second column cannot replace it alone.
func (j *judge) key(m *moment, was, is *column, a *about) {
	for _, oid := range sortedOIDs(m.before.constraints) {
		k := m.before.constraints[oid]
		if k.Table != was.Table || k.Parent != 0 || k.Sort != "p" && k.Sort != "f" || !slices.Contains(strings.Fields(k.Keys), was.number()) {
			continue
		}
		if is.Type != "bigint" || was.Type != "integer" && was.Type != "smallint" {
			a.template = noTemplate
			return
		}
		a.other = j.o.name(m, k.Table)
		if k.Sort == "f" {
			a.other = j.o.name(m, k.Other)
		}
		a.template = "rung new OTHER_bigint --template bigint-key --set table=OTHER"
	}
}
