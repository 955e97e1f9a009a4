package retype

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// partitionsAgree refuses a partition with something of its own on the column:
// what is done to the parent carries over only what all partitions share.
func partitionsAgree(ctx context.Context, in *task.Input, t *catalog.Table, col *catalog.Column) error {
	if !t.Partitioned {
		return nil
	}
	found, err := in.DB.Strings(ctx, catalog.SQL("partitions_own"), t.OID, col.Name)
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.New(
		fmt.Sprintf("partitions of %s have something of their own on %s that a second column cannot take over: %s", t.As, pgtext.Ident(col.Name), strings.Join(found, "; ")),
		"drop it before and make it again after it, in migrations of their own",
	)
}
