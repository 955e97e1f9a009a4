package enum

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// textual is what has a value as text where the type's values are.
type textual struct {
	fails bool
	what  string
}

// seeTexts looks for what goes on to ask for the text of a value that is renamed:
// PostgreSQL sees a string there and not a value. A CHECK would refuse the rows
// that it let in, and a default would be no enum value: these prevent it. Of the
// rest a person is told.
func seeTexts(ctx context.Context, in *task.Input, c *Change) error {
	if in.DB == nil || len(c.renames()) == 0 {
		return nil
	}
	var values []string
	for _, s := range c.renames() {
		values = append(values, s.From)
	}
	all, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (t textual, err error) {
		err = rows.Scan(&t.fails, &t.what)
		return t, err
	}, catalog.SQL("texts"), c.Enum.OID, c.Enum.Array, pq.Array(values))
	if err != nil {
		return err
	}
	var others []string
	for _, t := range all {
		if t.fails {
			return mistake.New(t.what+" has a value of "+c.Enum.As+" as text, which stays as it is", "drop it in an earlier migration, and add it with the new values in a later one")
		}
		others = append(others, t.what)
	}
	if len(others) > 0 {
		in.Sayf("these contain a value as text, or something computed from one, and do not follow; change them yourself: %s", strings.Join(others, "; "))
	}
	return nil
}
