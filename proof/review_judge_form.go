package proof

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/lazyre"
)

// form judges how new objects are made, those of new tables too: what is found
// here costs least to change before the first row.
func (j *judge) form(m *moment) {
	j.shortKeys(m)
	j.newIndexes(m)
	j.columnStyle(m)
	j.mergeAlters(m)
}

// shortKeys judges new primary keys of one small integer.
func (j *judge) shortKeys(m *moment) {
	for _, oid := range sortedOIDs(m.after.constraints) {
		k := m.after.constraints[oid]
		if k.Sort != "p" || k.Parent != 0 || m.before.constraints[oid] != nil || strings.Contains(k.Keys, " ") {
			continue
		}
		if c := columnAt(m.after, k.Table, k.Keys); c != nil && (c.Type == "integer" || c.Type == "smallint") {
			j.add(m, "short-key", about{oid: k.Table, column: c.ident(), anyway: true, what: fmt.Sprintf("primary key %s.%s is %s", j.o.name(m, k.Table), c.ident(), c.Type)})
		}
	}
}

// newIndexes judges the kind and the width of new indexes.
func (j *judge) newIndexes(m *moment) {
	for _, oid := range sortedOIDs(m.after.relations) {
		is := m.after.relations[oid]
		if !is.isIndex() || m.before.relations[oid] != nil || m.ofToast(is) {
			continue
		}
		if n := len(strings.Fields(is.Keys)); n > 3 && !is.Unique {
			j.add(m, "wide-index", about{oid: is.Table, anyway: true, what: fmt.Sprintf("index %s has %d columns", is.full(), n)})
		}
		if is.Method == "hash" {
			j.add(m, "hash-index", about{oid: is.Table, anyway: true, what: "index " + is.full() + " is a hash index"})
		}
	}
}

// unstylish are types that another one serves better.
var unstylish = []struct{ typ, instead string }{
	{"timestamp without time zone", "timestamptz"},
	{"time with time zone", "timestamptz"},
	{"character(", "text"},
	{"character varying(", "text, with a CHECK of its length"},
	{"money", "numeric"},
}

// columnStyle judges the types of new columns.
func (j *judge) columnStyle(m *moment) {
	for k, c := range m.after.columns {
		r := m.after.relations[k.table]
		if m.before.columns[k] != nil || r == nil || r.Kind != "r" && r.Kind != "p" {
			continue
		}
		what := ""
		for _, u := range unstylish {
			if strings.HasPrefix(c.Type, u.typ) {
				what = fmt.Sprintf("column %s.%s is %s, where %s would do", j.o.name(m, k.table), c.ident(), c.Type, u.instead)
			}
		}
		if strings.HasPrefix(c.Default, "nextval(") {
			what = fmt.Sprintf("column %s.%s is serial, where GENERATED … AS IDENTITY would do", j.o.name(m, k.table), c.ident())
		}
		if what != "" {
			j.add(m, "style", about{oid: k.table, column: c.ident(), anyway: true, what: what})
		}
	}
}

// mergeAlters judges a table that one transaction goes through more than once.
func (j *judge) mergeAlters(m *moment) {
	if m.tx == nil {
		return
	}
	for _, oid := range append(slices.Clone(m.scanned), m.rewritten...) {
		for _, e := range m.tx.statements {
			if e == m || e.word(0) != "ALTER" || m.word(0) != "ALTER" || !slices.Contains(e.scanned, oid) && !slices.Contains(e.rewritten, oid) {
				continue
			}
			j.add(m, "merge-alters", about{oid: oid, what: fmt.Sprintf("every row of %s is read again, as at line %d", j.o.name(m, oid), e.Line)})
		}
	}
}

// definer judges functions that run with their owner's rights.
func (j *judge) definer(m *moment, was, is *catalogObject) {
	if is == nil || !strings.HasSuffix(is.Row, " open definer") || was != nil && was.Row == is.Row {
		return
	}
	j.add(m, "definer-path", about{name: is.Name, what: "function " + is.Name + " is SECURITY DEFINER and sets no search_path"})
}

var enumPlace = lazyre.New(`(?i)\b(BEFORE|AFTER)\b`)

// newEnumValue judges a value that goes to the end of an enum.
func (j *judge) newEnumValue(m *moment, value *catalogObject) {
	if m.before.objects[objectKey{"type", value.Table}] != nil && !enumPlace.MatchString(m.SQL) {
		j.add(m, "enum-no-order", about{name: j.typeName(m, value.Table), what: fmt.Sprintf("value %q of %s goes to the end, which the statement does not say", value.Name, j.typeName(m, value.Table))})
	}
}

var cascades = lazyre.New(`(?i)\bCASCADE\b`)

// users judges what else uses what the statement drops or renames.
func (j *judge) users(m *moment) {
	for _, u := range m.users {
		j.add(m, "used-by", about{oid: u.table, name: u.of, what: fmt.Sprintf("the body of function %s names %s", u.function, u.of)})
	}
	if !cascades.MatchString(m.SQL) {
		return
	}
	for _, c := range m.Changes {
		short := c.Name[strings.LastIndex(c.Name, ".")+1:]
		if c.Action != "dropped" || !slices.Contains([]string{"view", "materialized view", "function", "policy", "foreign key"}, c.Kind) || namedIn(m.SQL, short) {
			continue
		}
		if (c.Kind == "view" || c.Kind == "materialized view") && !j.o.knownName(c.Name) {
			continue
		}
		j.add(m, "used-by", about{name: c.Name, what: "CASCADE drops " + c.Kind + " " + c.Name + " too"})
	}
}
