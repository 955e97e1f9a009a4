package enum

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// asValues turns the texts that a definition compares a column with into values
// of a type. PostgreSQL writes definitions in a few ways only; what is written
// in another one stays as it is, and the trial reports whether that will do.
type asValues struct {
	equal, anyOf, cases, when, text *regexp.Regexp
	value                           func(text string) string
}

func (col *textColumn) asValues(c *Change, typ string) *asValues {
	name := regexp.QuoteMeta(pq.QuoteIdentifier(col.name))
	if sqltext.Plain.MatchString(col.name) {
		name += "|" + col.name
	}
	const text, kinds = `'(?:[^']|'')*'`, `(?:text|bpchar|character varying)`
	reference := `((?:(?:[\w$]+|"(?:[^"]|"")+")\.)*(?:` + name + `))`
	value := `(^|[^\w$".])(?:\(` + reference + `\)::text|` + reference + `(?:::text)?) `
	constant := `(` + text + `)::` + kinds
	return &asValues{
		equal: regexp.MustCompile(value + `(=|<>|IS DISTINCT FROM|IS NOT DISTINCT FROM) ` + constant),
		anyOf: regexp.MustCompile(value + `(= ANY|<> ALL) \(\(?ARRAY\[((?:` + text + `::` + kinds + `(?:, )?)+)\](\)?::text\[\])?\)`),
		cases: regexp.MustCompile(`\bCASE (?:\(` + reference + `\)::text|` + reference + `(?:::text)?)((?:\s+WHEN ` + constant + ` THEN (?:` + text + `(?:::\w+)?|[^\s'(]+))+)`),
		when:  regexp.MustCompile(`(\sWHEN )` + constant),
		text:  regexp.MustCompile(constant),
		value: func(literal string) string {
			was := strings.ReplaceAll(literal[1:len(literal)-1], "''", "'")
			if strings.HasPrefix(col.Back, "character(") {
				was = strings.TrimRight(was, " ")
			}
			to, ok := c.To[was]
			if !ok {
				to = was
			}
			return sqltext.EnumValue(to) + "::" + typ
		},
	}
}

// in writes a definition for the type.
func (a *asValues) in(sql string) string {
	sql = replaceEach(a.equal, sql, func(m []string) string {
		return m[1] + m[2] + m[3] + " " + m[4] + " " + a.value(m[5])
	})
	sql = a.cases.ReplaceAllStringFunc(sql, func(one string) string {
		m := a.cases.FindStringSubmatch(one)
		return "CASE " + m[1] + m[2] + replaceEach(a.when, m[3], func(w []string) string { return w[1] + a.value(w[2]) })
	})
	return replaceEach(a.anyOf, sql, func(m []string) string {
		values := a.text.ReplaceAllStringFunc(m[5], func(one string) string { return a.value(a.text.FindStringSubmatch(one)[1]) })
		return m[1] + m[2] + m[3] + " " + m[4] + " (ARRAY[" + values + "])"
	})
}

// as writes a definition in a form that PostgreSQL reads as what it was. A
// list of varchar that it shows as one array cast to text[] would become a cast
// of each element.
func (a *asValues) as(sql string) string {
	return replaceEach(a.anyOf, sql, func(m []string) string {
		if m[6] == "" || !strings.Contains(m[5], ", ") {
			return m[0]
		}
		in := " IN ("
		if m[4] == "<> ALL" {
			in = " NOT IN ("
		}
		return m[1] + m[2] + m[3] + in + a.text.ReplaceAllString(m[5], "$1") + ")"
	})
}

// replaceEach is ReplaceAllStringFunc with the groups, for matches that share
// the byte between them.
func replaceEach(pattern *regexp.Regexp, sql string, with func(groups []string) string) string {
	for from := 0; ; {
		at := pattern.FindStringSubmatchIndex(sql[from:])
		if at == nil {
			return sql
		}
		done := sql[:from+at[0]] + with(pattern.FindStringSubmatch(sql[from:]))
		sql, from = done+sql[from+at[1]:], len(done)
	}
}

// textPieces reads the dependent objects of the column, each piece as it is (Make of
// the result's snapshot) and as it will be.
func textPieces(ctx context.Context, in *task.Input, col *textColumn, typ *catalog.Enum, made bool, c *Change) (k *dependents.Snapshot, will []dependents.Piece, err error) {
	e := &catalog.Enum{As: col.T.As + "." + col.Column, Name: col.name, Full: col.bare(), Columns: []catalog.EnumColumn{
		{Table: col.T.OID, Schema: col.T.Schema, Name: col.T.Name, Column: col.name, Number: col.number},
	}}
	c.Enum = e
	h, err := dependents.Hangs(ctx, in.DB, "text-to-enum", e)
	if err != nil {
		return nil, nil, err
	}
	h.Oids["pg_constraint"] = slices.DeleteFunc(h.Oids["pg_constraint"], func(oid int64) bool { return slices.Contains(col.checkOIDs, oid) })
	k, err = dependents.Read(ctx, in.DB, e, h, func(r *dependents.Reader) []func() error { return dependents.Everything(r)[1:] }) // there is no type yet
	if err != nil {
		return nil, nil, err
	}
	if err := k.MustKeepTexts(); err != nil {
		return nil, nil, err
	}
	to := col.asValues(c, typ.Full)
	for _, p := range k.Pieces {
		as := dependents.Piece{What: p.What, Drop: p.Drop}
		for i, m := range p.Make {
			as.Make, p.Make[i] = append(as.Make, to.in(m)), to.as(m)
		}
		will = append(will, as)
	}
	for i := range col.Checks {
		col.Checks[i].To = to.as(col.Checks[i].To)
	}
	cannot, err := try(ctx, in, col, typ, made, c, will)
	if cannot = append(col.cannot, cannot...); err == nil && len(cannot) > 0 {
		err = mistake.New(
			fmt.Sprintf("text-to-enum cannot rebuild what depends on %s: %s", e.As, strings.Join(sqltext.Unique(cannot), "; ")),
			"drop these in a migration before, and make them again in one after, for the new type",
		)
	}
	return k, will, err
}

// fitsNot are the codes by which PostgreSQL says that an expression does not
// fit the type: no such operator, another type expected, no cast, not
// immutable, no such value.
var fitsNot = []string{"42883", "42804", "42846", "42P17", "22P02"}

// try makes the pieces on temporary, empty tables like the real ones, which are
// only looked at, and says which do not fit the type. All of it is rolled back.
func try(ctx context.Context, in *task.Input, col *textColumn, typ *catalog.Enum, made bool, c *Change, pieces []dependents.Piece) (cannot []string, err error) {
	if len(pieces) == 0 {
		return nil, nil
	}
	tables, err := in.DB.Strings(ctx, catalog.SQL("family"), col.T.OID)
	if err != nil {
		return nil, err
	}
	err = in.DB.RolledBack(ctx, func() error {
		exec := func(sql string) error { return in.DB.ExecTrusted(ctx, sql) }
		setup := []string{"SET LOCAL lock_timeout = '5s'"}
		if made {
			setup = append(setup, c.makes(typ))
		}
		names := &temporary{}
		for _, t := range tables {
			setup = append(setup,
				"CREATE TEMPORARY TABLE IF NOT EXISTS "+names.add(t)+" (LIKE "+t+")",
				"ALTER TABLE "+names.in(t)+" ALTER COLUMN "+col.Column+" TYPE "+typ.Full+" USING NULL")
		}
		for _, s := range setup {
			if err := exec(s); err != nil {
				return fmt.Errorf("try the definitions with the type: %w", err)
			}
		}
		for _, p := range pieces {
			make := p.Make
			if strings.HasPrefix(p.What, "generated column ") {
				make = append(slices.Clone(p.Drop), make...)
			}
			names.addView(p.What)
			for _, s := range make {
				if err := exec("SAVEPOINT one"); err != nil {
					return err
				}
				e := pq.As(exec(names.in(asTable(s))))
				if e == nil && s != asTable(s) { // a table forgets what it was made by
					e = pq.As(exec(names.in(asView(s, p.What))))
				}
				if e == nil {
					continue
				}
				if slices.Contains(fitsNot, string(e.Code)) {
					cannot = append(cannot, p.What+" ("+e.Message+")")
				}
				if err := in.DB.RollbackTo(ctx, "one"); err != nil {
					return err
				}
			}
		}
		asks, err := trialOrder(ctx, in, col, typ, c)
		cannot = append(cannot, asks...)
		return err
	})
	return cannot, err
}

// makes is the type with its values.
func (c *Change) makes(typ *catalog.Enum) string {
	return "CREATE TYPE " + typ.Full + " AS ENUM (" + sqltext.Join(c.New, sqltext.EnumValue) + ")"
}

// asTable makes an empty table of a materialized view, which cannot read
// temporary tables.
func asTable(sql string) string {
	if rest, ok := strings.CutPrefix(sql, "CREATE MATERIALIZED VIEW "); ok {
		return "CREATE TABLE " + strings.TrimSuffix(rest, "\n  WITH NO DATA") + "\n  WITH NO DATA"
	}
	return sql
}

// asView makes a view of it besides, which is named after what it stands for.
func asView(sql, what string) string {
	_, query, _ := pgtext.CutOutsideQuotes(strings.TrimSuffix(sql, "\n  WITH NO DATA"), " AS\n")
	return "CREATE TEMPORARY VIEW " + pq.QuoteIdentifier(what) + " AS\n" + query
}

// temporary puts pg_temp in place of the schema of some relations.
type temporary struct {
	from []*regexp.Regexp
	to   []string
}

// add takes up a name with its schema, and returns the temporary one.
func (t *temporary) add(full string) string {
	names := pgtext.SplitOutsideQuotes(full, ".")
	t.from = append(t.from, regexp.MustCompile(`(^|[^\w$".])`+regexp.QuoteMeta(full)+`($|[^\w$"])`))
	t.to = append(t.to, "pg_temp."+names[len(names)-1])
	return t.to[len(t.to)-1]
}

func (t *temporary) addView(what string) {
	if kind, name, ok := strings.Cut(what, "view "); ok && (kind == "" || kind == "materialized ") {
		t.add(name)
	}
}

func (t *temporary) in(sql string) string {
	for i, from := range t.from {
		sql = from.ReplaceAllString(sql, "${1}"+strings.ReplaceAll(t.to[i], "$", "$$")+"${2}")
	}
	return sql
}
