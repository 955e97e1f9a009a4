package enum

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// guard is what may refuse a row once it bears another value.
type guard struct {
	kind, what, table string
	columns, key      []string
	nulls             bool   // as a unique index sees them: true where they are equal
	holds             string // a CHECK's condition, or that of a unique index
}

// mustLetPass makes sure that nothing refuses the values that take the place of
// those that go: the trigger would make live writes fail of it. What the rows
// decide is tested again in the file.
func mustLetPass(ctx context.Context, in *task.Input, r *retired, col catalog.EnumColumn) error {
	return in.DB.RolledBack(ctx, func() error {
		guards, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (g guard, err error) {
			err = rows.Scan(&g.kind, &g.what, &g.table, (*pq.StringArray)(&g.columns), (*pq.StringArray)(&g.key), &g.nulls, &g.holds)
			return g, err
		}, catalog.SQL("guards"), r.T.OID, col.Column)
		if err != nil {
			return err
		}
		var counts, cannot, asks []string
		for _, g := range guards {
			switch g.kind {
			case "cannot":
				cannot = append(cannot, g.what)
				continue
			case "alone":
				if err := letsIn(ctx, in, r, g); err != nil {
					return err
				}
				continue
			case "check":
				counts = append(counts, r.violations(g))
			case "unique":
				counts = append(counts, r.double(g))
			}
			asks = append(asks, g.what)
		}
		if len(cannot) > 0 {
			return mistake.New(
				"enum-retire cannot tell beforehand whether these refuse the rows with their new values: "+strings.Join(cannot, ", "),
				"drop these in a migration before and make them again in one after; or use --template enum-swap, which carries them along under a lock",
			)
		}
		if len(asks) > 0 {
			in.Sayf("%s: from the first file on, %s is written instead of %s; these may refuse such a row: %s", col, sqltext.Join(sqltext.Unique(words.Tos(r.steps)), sqltext.EnumValue), r.Dead(), strings.Join(asks, ", "))
		}
		r.Refused = r.refused(counts)
		return in.DB.NoneStuck(ctx, r.Refused, "change these rows, or what refuses them, in a migration before")
	})
}

// letsIn refuses a CHECK of the column alone that keeps a new value out: no row
// needs to be there for that.
func letsIn(ctx context.Context, in *task.Input, r *retired, g guard) error {
	for _, s := range r.steps {
		var refuses bool
		q := fmt.Sprintf("SELECT NOT coalesce((SELECT %s FROM (SELECT %s::%s AS %s) AS given), true)", g.holds, sqltext.EnumValue(s.To), r.Type, r.Column)
		if err := in.DB.QueryRow(ctx, q).Scan(&refuses); err != nil {
			return fmt.Errorf("ask %s: %w", g.what, err)
		}
		if refuses {
			return mistake.New(fmt.Sprintf("%s refuses %s, which would take the place of %s", g.what, sqltext.EnumValue(s.To), sqltext.EnumValue(s.From)), "change it in an earlier migration, or choose another value")
		}
	}
	return nil
}

// becoming are a table's rows with their new values.
func (r *retired) becoming(g guard, where string) string {
	columns := make([]string, len(g.columns))
	for i, name := range g.columns {
		if columns[i] = pgtext.Ident(name); columns[i] == r.Column {
			columns[i] = "CASE " + r.Column
			for _, s := range r.steps {
				columns[i] += " WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To) + "::" + r.Type
			}
			columns[i] += " ELSE " + r.Column + " END AS " + r.Column
		}
	}
	return "(SELECT " + strings.Join(columns, ", ") + "\n                      FROM " + g.table + where + ") AS becoming"
}

// violations counts the rows that a CHECK would refuse.
func (r *retired) violations(g guard) string {
	key := r.T.KeyList()
	return fmt.Sprintf(`SELECT %s AS name, count(*) AS n, %s || min(concat_ws(', ', %s)) AS example
              FROM %s
             WHERE NOT (%s)`, pgtext.Literal("rows for "+g.what), pgtext.Literal(", such as "+key+" = "), key,
		r.becoming(g, "\n                     WHERE "+r.Column+" IN ("+r.Dead()+")"), g.holds)
}

// double counts the keys of a unique index that several rows would have.
func (r *retired) double(g guard) string {
	where := "(" + g.holds + ")"
	for _, key := range g.key {
		if !g.nulls {
			where += " AND " + key + " IS NOT NULL"
		}
	}
	shown := "format(" + pgtext.Literal(sqltext.KeyFormat(len(g.key))) + ", " + strings.Join(g.key, ", ") + ")"
	return fmt.Sprintf(`SELECT %s AS name, count(*) AS n, ', such as ' || min(key) AS example
              FROM (SELECT %s AS key
                      FROM %s
                     WHERE %s
                     GROUP BY %s
                    HAVING count(*) > 1) AS double`, pgtext.Literal("keys twice in "+g.what), shown, r.becoming(g, ""), where, strings.Join(g.key, ", "))
}

// refused stops the file before it changes anything of a column.
func (r *retired) refused(counts []string) string {
	return sqltext.StopWhere(counts, "n || ' ' || name || example",
		"rows would be refused with their new values", "Change these rows, or what refuses them, first. The column has not been changed.")
}
