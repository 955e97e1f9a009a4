package templates

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"
)

// seeCasts looks for what casts texts to the type: rows have the old label as a text
// there, which is no label after the change. A CHECK would make the next
// write fail, and is in the way. Of the rest, as of a view that would fail when it is
// read, a person is told.
func (in *Input) seeCasts(ctx context.Context, c *change) error {
	if in.DB == nil || len(c.renames())+len(c.Gone) == 0 {
		return nil
	}
	all, err := list(ctx, in.DB, func(rows *sql.Rows) (t textual, err error) {
		err = rows.Scan(&t.fails, &t.what)
		return t, err
	}, enumSQL("casts"), c.Enum.OID, c.Enum.Array)
	if err != nil {
		return err
	}
	var others []string
	for _, t := range all {
		if t.fails {
			return &Mistake{
				t.what + " casts a text to " + c.Enum.As + ": rows that have " + join(c.leaving(), labelSQL) + " there would be refused at their next write",
				"drop it in a migration before; change these texts, and add it again, in one after",
			}
		}
		others = append(others, t.what)
	}
	if len(others) > 0 {
		in.Sayf("these cast texts to %s, and fail at a row that has %s as a text; change those rows in the same release: %s", c.Enum.As, join(c.leaving(), labelSQL), strings.Join(others, "; "))
	}
	return nil
}

// leaving are the labels that the type has no more.
func (c *change) leaving() []string {
	return append(froms(c.renames()), c.Gone...)
}

// compares are what names one of the labels in its definition, and finds no row by
// it once they have left the rows.
func (c *Catalog) compares(ctx context.Context, e *Enum, labels []string) ([]string, error) {
	return c.strings(ctx, enumSQL("compares"), e.OID, e.Array, pq.Array(labels))
}

// sayCompares names what goes on to ask for labels that enum-retire takes from the rows.
func (in *Input) sayCompares(ctx context.Context, c *change) error {
	found, err := in.DB.compares(ctx, c.Enum, c.leaving())
	if err == nil && len(found) > 0 {
		in.Sayf("these name %s, find no row by it any more once the batches have run, and are not changed; change each by hand, or take enum-online or enum-swap, which do: %s",
			join(c.leaving(), labelSQL), strings.Join(found, "; "))
	}
	return err
}

// sayTwice says what a second unique index does beside the first one: it is found
// only by the columns that it is over. So it is built as late as it can be.
func (in *Input) sayTwice(unique bool, built, gone string) {
	if unique {
		in.Sayf("from the end of the file %s to %s there are two unique indexes for one: an INSERT … ON CONFLICT (…) DO UPDATE that two sessions run for one key can fail at the other one (23505). Apply the two files soon after each other, when little is written so", built, gone)
	}
}

// preparedFail is what a change of a column's type does to statements that are
// prepared, as drivers and poolers do without being asked.
func (in *Input) preparedFail(of string) {
	in.Sayf("prepared statements that read or write %s fail at every call after it, with \"cached plan must not change result type\" or \"cache lookup failed for type\", until they are prepared again: recycle the connection pools right after it", of)
}
