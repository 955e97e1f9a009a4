package bigint

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// bigReference is a foreign key with a column in it that becomes bigint, at one of
// its ends or at both.
type bigReference struct {
	Name       string
	From, Into bigEnd
	// actions is what follows the columns, with a place for those of SET NULL.
	onUpdate, onDelete string
	some               []string // the columns that ON DELETE SET NULL or SET DEFAULT names
	valid              bool
	said               string
	cannot             string
	// early is true where the table that is referred to is switched first.
	early bool
}

// bigEnd is one end of it.
type bigEnd struct {
	Table   uint32
	As      string
	full    string
	name    string
	columns []string
	types   []string
	become  map[string]bool // those of the columns that become bigint
}

func (f *bigReference) self() bool { return f.From.Table == f.Into.Table }

// find gathers the columns that become bigint: the one that is asked for, and each
// that refers to one of them.
func (b *bigKey) find(ctx context.Context, in *task.Input, t *catalog.Table, column string) error {
	all, err := catalog.List(ctx, in.DB, scanReference, catalog.SQL("references"))
	if err != nil {
		return fmt.Errorf("read the foreign keys: %w", err)
	}
	become := map[uint32]map[string]bool{t.OID: {column: true}}
	order := []uint32{t.OID}
	for more := true; more; {
		more = false
		for _, f := range all {
			for i, into := range f.Into.columns {
				from := f.From.columns[i]
				if !become[f.Into.Table][into] || become[f.From.Table][from] || f.From.types[i] == "bigint" {
					continue
				}
				if !isInt(f.From.types[i]) {
					return mistake.New(fmt.Sprintf("%s.%s refers to the key and is %s", f.From.full, pgtext.Ident(from), f.From.types[i]), "drop the foreign key in a migration before, and see to that column by hand")
				}
				if become[f.From.Table] == nil {
					become[f.From.Table] = map[string]bool{}
					order = append(order, f.From.Table)
				}
				become[f.From.Table][from] = true
				more = true
			}
		}
	}
	for _, f := range all {
		f.From.become, f.Into.become = become[f.From.Table], become[f.Into.Table]
		if f.From.changes() || f.Into.changes() {
			b.Keys = append(b.Keys, f)
		}
	}
	return b.tables(ctx, in, t, order, become)
}

// changes reports whether one of the columns becomes bigint.
func (e *bigEnd) changes() bool {
	return slices.ContainsFunc(e.columns, func(c string) bool { return e.become[c] })
}

// tables looks up the tables, in the order in which they were found.
func (b *bigKey) tables(ctx context.Context, in *task.Input, first *catalog.Table, order []uint32, become map[uint32]map[string]bool) error {
	as := map[uint32]string{first.OID: first.As}
	for _, f := range b.Keys {
		if f.cannot != "" {
			return mistake.New(fmt.Sprintf("foreign key %s of %s %s", pgtext.Ident(f.Name), f.From.full, f.cannot), "drop it in a migration before, and add it again in one after")
		}
		for _, e := range []*bigEnd{&f.From, &f.Into} {
			if as[e.Table] == "" {
				as[e.Table] = e.full
				if first.Schema+"."+e.name == e.schemaAndName() && !strings.Contains(first.As, ".") {
					as[e.Table] = pgtext.Ident(e.name)
				}
			}
			e.As = as[e.Table]
		}
	}
	for _, oid := range order {
		t := first
		if oid != first.OID {
			var err error
			if t, err = in.DB.Table(ctx, as[oid]); err != nil {
				return err
			}
		}
		one := &bigTable{T: t}
		for _, c := range t.Columns {
			if become[oid][c.Name] {
				one.Columns = append(one.Columns, &bigColumn{Column: c, t: one})
			}
		}
		b.Tables = append(b.Tables, one)
	}
	return nil
}

func (e *bigEnd) schemaAndName() string {
	names, _ := words.SplitName(e.full)
	return strings.Join(names, ".")
}

func scanReference(rows *sql.Rows) (*bigReference, error) {
	f := &bigReference{}
	err := rows.Scan(&f.Name, &f.From.Table, &f.From.full, &f.From.name, (*pq.StringArray)(&f.From.columns), (*pq.StringArray)(&f.From.types),
		&f.Into.Table, &f.Into.full, &f.Into.name, (*pq.StringArray)(&f.Into.columns),
		&f.onUpdate, &f.onDelete, (*pq.StringArray)(&f.some), &f.valid, &f.said, &f.cannot)
	return f, err
}
