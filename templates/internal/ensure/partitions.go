package ensure

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// PartitionsAgree refuses a partition with something of its own on a column:
// what is done to the parent carries over only what all partitions share.
func PartitionsAgree(ctx context.Context, in *task.Input, t *catalog.Table, column string) error {
	if !t.Partitioned {
		return nil
	}
	found, err := in.DB.Strings(ctx, catalog.SQL("partitions_own"), t.OID, column)
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.New(
		fmt.Sprintf("partitions of %s have something of their own on %s that a second column cannot take over: %s", t.As, pgtext.Ident(column), strings.Join(found, "; ")),
		"drop it before and make it again after it, in migrations of their own",
	)
}
