package templates

import (
	"context"
	"slices"
	"strings"
)

// sayPublished names the publications that carry a table. What a migration changes is
// not replicated: a subscriber that lacks a label or a column stops at the first row
// that has it, and goes on once it has it too.
func (in *Input) sayPublished(ctx context.Context, what string, tables ...uint32) error {
	if in.DB == nil || len(tables) == 0 {
		return nil
	}
	oids := make([]int64, len(tables))
	for i, t := range tables {
		oids[i] = int64(t)
	}
	found, err := in.DB.strings(ctx, enumSQL("published"), arrayOf(slices.Compact(oids)))
	if err == nil && len(found) > 0 {
		in.Sayf("publication %s carries it: a native subscriber stops at the first row with %s that it does not have; make the change there too, what is added before, and the rest at the same time", strings.Join(found, ", "), what)
	}
	return err
}

// tables are those that have columns of the type.
func (e *Enum) tables() []uint32 {
	var all []uint32
	for _, c := range e.Columns {
		all = append(all, c.Table)
	}
	return all
}
