package retype

import (
	"context"

	"rung/internal/lazyre"
	"rung/templates/internal/catalog"
	"rung/templates/internal/task"
)

// ofTheType is a setting that a column of another type may not take.
var ofTheType = lazyre.New(`^ALTER TABLE .*\n +ALTER COLUMN .* SET (STORAGE|COMPRESSION) `)

// dress are the statements that give a second column, and the old one when it
// comes again, what the column has beside its type: grants, comment, settings.
// Collation is what follows the old one's type.
func dress(ctx context.Context, in *task.Input, t *catalog.Table, column, fresh, old string) (forFresh, forOld []string, collation string, err error) {
	var number int
	err = in.DB.QueryRow(ctx, catalog.SQL("column_collation"), t.OID, column).Scan(&number, &collation)
	if err != nil {
		return nil, nil, "", err
	}
	all, err := in.DB.Strings(ctx, catalog.SQL("settings"), t.OID, number, fresh)
	if err != nil {
		return nil, nil, "", err
	}
	for _, s := range all {
		if !ofTheType.MatchString(s) {
			forFresh = append(forFresh, s)
		}
	}
	forOld, err = in.DB.Strings(ctx, catalog.SQL("settings"), t.OID, number, old)
	return forFresh, forOld, collation, err
}
