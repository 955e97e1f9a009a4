package enum

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// seeCasts looks for what casts texts to the type: rows have the old value as a text
// there, which is no value after the change. A CHECK would make the next
// write fail, and prevents the change. Of the rest, as of a view that would fail when it is
// read, a person is told.
func seeCasts(ctx context.Context, in *task.Input, c *Change) error {
	if in.DB == nil || len(c.renames())+len(c.Gone) == 0 {
		return nil
	}
	all, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (t textual, err error) {
		err = rows.Scan(&t.fails, &t.what)
		return t, err
	}, catalog.SQL("casts"), c.Enum.OID, c.Enum.Array)
	if err != nil {
		return err
	}
	var others []string
	for _, t := range all {
		if t.fails {
			return mistake.New(
				t.what+" casts a text to "+c.Enum.As+": rows that have "+sqltext.Join(c.leaving(), sqltext.EnumValue)+" there would be refused at their next write",
				"drop it in a migration before; change these texts, and add it again, in one after",
			)
		}
		others = append(others, t.what)
	}
	if len(others) > 0 {
		in.Sayf("these cast texts to %s, and fail at a row that has %s as a text; change those rows in the same release: %s", c.Enum.As, sqltext.Join(c.leaving(), sqltext.EnumValue), strings.Join(others, "; "))
	}
	return nil
}

// leaving are the values that the type has no more.
func (c *Change) leaving() []string {
	return append(words.Froms(c.renames()), c.Gone...)
}

// compares are what names one of the values in its definition, and finds no row by
// it once they have left the rows.
func compares(ctx context.Context, c *catalog.Catalog, e *catalog.Enum, values []string) ([]string, error) {
	return c.Strings(ctx, catalog.SQL("compares"), e.OID, e.Array, pq.Array(values))
}

// sayCompares names what goes on to ask for values that enum-retire takes from the rows.
func sayCompares(ctx context.Context, in *task.Input, c *Change) error {
	found, err := compares(ctx, in.DB, c.Enum, c.leaving())
	if err == nil && len(found) > 0 {
		in.Sayf("these name %s, find no row by it any more once the batches have run, and are not changed; change each by hand, or take enum-online or enum-swap, which do: %s",
			sqltext.Join(c.leaving(), sqltext.EnumValue), strings.Join(found, "; "))
	}
	return err
}
