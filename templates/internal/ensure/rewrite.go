package ensure

import (
	"context"
	"fmt"

	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// AddsAtOnce refuses a type of which PostgreSQL adds no column without rewriting the
// table, NULL though it be in every row: a domain with constraints, until it learns to do
// without (ATExecAddColumn in src/backend/commands/tablecmds.c). The server itself is asked.
func AddsAtOnce(ctx context.Context, in *task.Input, typ string) error {
	if in.DB == nil {
		return nil
	}
	return OnTypeProbe(ctx, in, typ, func() error {
		was, _, err := in.DB.ProbeFiles(ctx)
		if err != nil {
			return err
		}
		if err := in.DB.One(ctx, "ALTER TABLE pg_temp.rung_probe ADD COLUMN rung_added "+typ); err != nil {
			return BadParam("type", typ, err)
		}
		if is, _, err := in.DB.ProbeFiles(ctx); err != nil || is == was {
			return err
		}
		return mistake.New(
			fmt.Sprintf("PostgreSQL adds a column of type %s by rewriting the table, since the domain has constraints", typ),
			"give the type that the domain is made of, and make its constraints a CHECK of the table; or, for a small table, --set way=direct rewrites it in one transaction",
		)
	})
}
