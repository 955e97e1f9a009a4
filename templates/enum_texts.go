package templates

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"
)

// textual is what compares the type's values with a label as text.
type textual struct {
	check bool
	what  string
}

// seeTexts looks for what goes on to ask for the text of a label that is renamed:
// PostgreSQL sees a string there and not a label. A CHECK would refuse the rows
// that it let in, and so it is in the way; of the rest a person is told.
func (in *Input) seeTexts(ctx context.Context, c *change) error {
	if in.DB == nil || len(c.renames()) == 0 {
		return nil
	}
	var labels []string
	for _, s := range c.renames() {
		labels = append(labels, s.From)
	}
	all, err := list(ctx, in.DB, func(rows *sql.Rows) (t textual, err error) {
		err = rows.Scan(&t.check, &t.what)
		return t, err
	}, enumSQL("texts"), c.Enum.OID, c.Enum.Array, pq.Array(labels))
	if err != nil {
		return err
	}
	var others []string
	for _, t := range all {
		if t.check {
			return &Mistake{t.what + " asks for a label of " + c.Enum.As + " as text, which would go on to ask for the old one", "drop it in a migration before, and add it with the new labels in one after"}
		}
		others = append(others, t.what)
	}
	if len(others) > 0 {
		in.Sayf("these ask for a label as text, which this does not change, see to them: %s", strings.Join(others, "; "))
	}
	return nil
}
