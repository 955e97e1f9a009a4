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
	"rung/templates/internal/dependents"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// sayIntKeys lists the keys of integers that the database has, the fullest first.
func sayIntKeys(ctx context.Context, in *task.Input) error {
	type key struct {
		name string
		used float64
	}
	found, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (k key, err error) {
		var typ string
		var most, now int64
		var days sql.NullFloat64
		var refer int
		if err := rows.Scan(&k.name, &typ, &most, &now, &days, &refer); err != nil {
			return k, err
		}
		k.used = float64(now) / float64(most)
		k.name = fmt.Sprintf("%5.1f %%  %s %s: %d of %d", 100*k.used, k.name, typ, now, most)
		if refer > 0 {
			k.name += fmt.Sprintf(", foreign keys to it: %d", refer)
		}
		if days.Valid {
			k.name += fmt.Sprintf(", %.0f days left at the pace of this server's statistics", days.Float64)
		}
		return k, nil
	}, catalog.SQL("int_keys"))
	if err != nil {
		return fmt.Errorf("list the integer keys: %w", err)
	}
	slices.SortStableFunc(found, func(a, b key) int {
		switch {
		case a.used > b.used:
			return -1
		case a.used < b.used:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	for _, k := range found {
		in.Sayf("%s", k.name)
	}
	switch {
	case len(found) == 0:
		in.Sayf("no primary key takes integers or smallints from a sequence")
	case in.DB.Throwaway:
		in.Sayf("these are the numbers of a throwaway server that the directory has brought to its head: --database-url gives the real ones")
	}
	in.Sayf("nothing is written: change one by --set table=…")
	return nil
}

// sayUnseen names what may hold such a key and is no part of the change: functions
// that have an integer of it, and columns without a foreign key.
func (b *bigKey) sayUnseen(ctx context.Context, in *task.Input) error {
	var names, stems []string
	var columns []string
	for _, t := range b.Tables {
		names = append(names, t.T.Name)
		for _, c := range t.Columns {
			columns = append(columns, t.T.Full()+"."+c.as(""))
		}
	}
	first := b.first()
	if stem := strings.TrimSuffix(first.T.Name, "s"); len(stem) > 2 {
		stems = append(stems, stem)
	}
	bodies, err := in.DB.Strings(ctx, catalog.SQL("int_functions"), pq.Array(sqltext.QuoteMeta(names)))
	if err != nil {
		return err
	}
	if len(bodies) > 0 {
		in.Sayf("functions that name these tables and have integers, see to them before a key is beyond integer: %s", strings.Join(bodies, ", "))
	}
	alike, err := in.DB.Strings(ctx, catalog.SQL("int_columns_alike"), pq.Array(sqltext.QuoteMeta(stems)), pq.Array(columns))
	if err == nil && len(alike) > 0 {
		in.Sayf("columns of integers without a foreign key that may hold such keys, see to them: %s", strings.Join(alike, ", "))
	}
	return err
}

// first is the table that was asked for.
func (b *bigKey) first() *bigTable { return b.Tables[b.place(b.table)] }

// Contract drops a table's old columns, and Unused names what still uses them.
func (t *bigTable) Contract() string {
	return dependents.Moment("ACCESS EXCLUSIVE", []string{t.T.As}, nil, append(t.unfollow(""), sqltext.AlterTable(t.T.As, sqltext.Prefixed("DROP COLUMN ", t.idents(intSide))))...)
}

// Old is what the contract looks for.
func (b *bigKey) Old(t *bigTable) shared.Gone {
	g := shared.Gone{Table: t.T.As, Full: t.T.Full(), Partitioned: t.T.Partitioned, Columns: t.names(intSide), Triggers: []string{t.trigger}}
	for _, o := range b.Tables {
		g.Functions = append(g.Functions, o.named().Function)
	}
	for _, x := range t.Indexes {
		if !x.unique {
			for _, one := range x.all() {
				g.Indexes = append(g.Indexes, one.at(intSide))
			}
		}
	}
	return g
}

// Differ is where a row differs that the old type could hold.
func (t *bigTable) Differ() string {
	return sqltext.JoinBy(t.Columns, "\n                OR ", func(c *bigColumn) string {
		least, most := limits(c.Type)
		return fmt.Sprintf("%s IS DISTINCT FROM CASE WHEN %s BETWEEN %d AND %d THEN %[2]s END", c.as(intSide), pgtext.Ident(c.Name), least, most)
	})
}
