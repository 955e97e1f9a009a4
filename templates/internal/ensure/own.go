package ensure

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// MustOwn refuses relations that the role may not alter: the file would stop at the
// first of them, in the middle. Tables are names as a Snapshot has them.
func MustOwn(ctx context.Context, in *task.Input, tables []string, views []int64) error {
	foreign, err := in.DB.Strings(ctx, catalog.SQL("foreign"), pq.Array(tables), pq.Array(views))
	if err != nil || len(foreign) == 0 {
		return err
	}
	return mistake.New("this role does not own "+strings.Join(foreign, ", "), "connect as a role that is a member of these owners, or use --role")
}
