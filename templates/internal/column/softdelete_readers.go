package column

import (
	"context"
	"database/sql"
	"fmt"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// readers are what asks for the time and is left as it is. The triggers keep that
// right, but one day the time is to go: a person changes these once the flag is there.
func readers(ctx context.Context, in *task.Input, t *catalog.Table, column string) ([]string, error) {
	all, err := in.DB.Strings(ctx, catalog.SQL("softdelete_readers"), t.OID, column)
	for i := range all {
		all[i] = sqltext.Control.ReplaceAllString(all[i], " ") // each is a line of a comment
	}
	return all, err
}

// blocker is an index that keeps rows out by the time.
type blocker struct {
	name    string
	exclude bool
}

// mayStay refuses the indexes that no index with the flag can stand for: they would
// go with the time.
func mayStay(ctx context.Context, in *task.Input, t *catalog.Table, column, flag string) error {
	all, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (b blocker, err error) {
		err = rows.Scan(&b.name, &b.exclude)
		return b, err
	}, catalog.SQL("softdelete_blockers"), t.OID, column)
	if err != nil || len(all) == 0 {
		return err
	}
	if name := pgtext.Ident(all[0].name); all[0].exclude {
		return mistake.New(
			fmt.Sprintf("the exclusion constraint %s of %s asks for %s, and cannot be built again beside writes", name, t.As, pgtext.Ident(column)),
			fmt.Sprintf("drop it in a migration before, and add one with WHERE (NOT %s) after the last file", pgtext.Ident(flag)),
		)
	}
	return mistake.New(
		fmt.Sprintf("the unique index %s has %s in its key, and one with the flag there would let a key be deleted only once", pgtext.Ident(all[0].name), pgtext.Ident(column)),
		fmt.Sprintf("change it before to one over the other columns WHERE %s IS NULL, which gets a replacement with the flag", pgtext.Ident(column)),
	)
}
