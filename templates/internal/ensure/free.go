package ensure

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// FirstFree is the first of a schema's free names among those that name makes
// of 0, 1, 2 …: for what the person has no say in the name of. Those in mine
// are not free either, since the same file is about to take them.
func FirstFree(ctx context.Context, in *task.Input, schema string, mine []string, name func(n int) string) (string, error) {
	if in.DB == nil {
		return name(0), nil
	}
	taken, err := in.DB.Strings(ctx, catalog.SQL("names_of_schema"), schema)
	if err != nil {
		return "", err
	}
	for n := 0; ; n++ {
		if try := name(n); !sqltext.Has(taken, try) && !sqltext.Has(mine, try) {
			return try, nil
		}
	}
}

// Free refuses a name beside the table that a relation, a type or a function has.
func Free(ctx context.Context, in *task.Input, t *catalog.Table, names ...string) error {
	if in.DB == nil {
		return nil
	}
	taken, err := in.DB.Strings(ctx, catalog.SQL("names_taken"), t.Schema, pq.Array(names))
	if err != nil || len(taken) == 0 {
		return err
	}
	return mistake.New(fmt.Sprintf("the name %s is taken", t.Beside(taken[0])), "rename what has it, or drop it if an earlier migration left it")
}

// FreeTrigger refuses a name that a trigger of the table has.
func FreeTrigger(ctx context.Context, in *task.Input, t *catalog.Table, names ...string) error {
	if in.DB == nil {
		return nil
	}
	taken, err := in.DB.Strings(ctx, catalog.SQL("triggers_named"), t.OID, pq.Array(names))
	if err != nil || len(taken) == 0 {
		return err
	}
	return mistake.New(fmt.Sprintf("%s has a trigger %s already", t.As, pgtext.Ident(taken[0])), "rename it, or drop it if an earlier migration left it")
}

// FreeConstraint refuses a name that a constraint of the table has.
func FreeConstraint(ctx context.Context, in *task.Input, t *catalog.Table, name string) error {
	if in.DB == nil {
		return nil
	}
	taken, err := in.DB.Strings(ctx, catalog.SQL("constraint_named"), t.OID, name)
	if err != nil || len(taken) == 0 {
		return err
	}
	return mistake.New(fmt.Sprintf("%s has a constraint %s already", t.As, pgtext.Ident(name)), "")
}
