// Package notice says what a change brings about elsewhere, which SQL cannot see to.
package notice

import (
	"context"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// Twice says what a second unique index does beside the first one: it is found
// only by the columns that it is over. So it is built as late as it can be.
func Twice(in *task.Input, unique bool, built, gone string) {
	if unique {
		in.Sayf("from the end of the file %s to %s there are two unique indexes for one: an INSERT … ON CONFLICT (…) DO UPDATE that two sessions run for one key can fail at the other one (23505). Apply the two files soon after each other, when little is written so", built, gone)
	}
}

// Prepared is what a change of a column's type does to statements that are
// prepared, as drivers and poolers do without being asked.
func Prepared(in *task.Input, of string) {
	in.Sayf("prepared statements that read or write %s fail at every call after it, with \"cached plan must not change result type\" or \"cache lookup failed for type\", until they are prepared again: recycle the connection pools right after it", of)
}

// Fired names the table's own triggers that the batches fire.
func Fired(ctx context.Context, in *task.Input, t *catalog.Table, column string) error {
	if in.DB == nil {
		return nil
	}
	fired, err := in.DB.Strings(ctx, catalog.SQL("fired"), t.OID, column)
	if err == nil && len(fired) > 0 {
		in.Sayf("filling the rows fires triggers of the table, for each row that is changed: %s", strings.Join(fired, ", "))
	}
	return err
}

// Unindexed warns of a referring column without an index, and says what that does.
func Unindexed(ctx context.Context, in *task.Input, t *catalog.Table, from []string, so string) error {
	if in.DB == nil {
		return nil
	}
	var indexed bool
	err := in.DB.QueryRow(ctx, catalog.SQL("index_starts_with"), t.OID, from[0]).Scan(&indexed)
	if err == nil && !indexed {
		in.Sayf("%s has no index that starts with %s: %s; see the template add-index", t.As, pgtext.Ident(from[0]), so)
	}
	return err
}

// Published names the publications that carry a table. What a migration changes is
// not replicated: a subscriber that lacks a value or a column stops at the first row
// that has it, and goes on once it has it too.
func Published(ctx context.Context, in *task.Input, what string, tables ...uint32) error {
	if in.DB == nil || len(tables) == 0 {
		return nil
	}
	oids := make([]int64, len(tables))
	for i, t := range tables {
		oids[i] = int64(t)
	}
	found, err := in.DB.Strings(ctx, catalog.SQL("published"), sqltext.OIDArray(slices.Compact(oids)))
	if err == nil && len(found) > 0 {
		in.Sayf("publication %s carries it: a native subscriber stops at the first row with %s that it does not have; make the change there too, what is added before, and the rest at the same time", strings.Join(found, ", "), what)
	}
	return err
}
