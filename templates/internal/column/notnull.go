package column

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// notNull is what sql/set-not-null.sql sees.
type notNull struct {
	T      *catalog.Table
	Check  string
	Direct bool
	Small  way.SmallTable
}

// SetNotNull makes a column NOT NULL without a scan under a lock.
func SetNotNull(ctx context.Context, in *task.Input) (any, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if col.NotNull {
		return nil, mistake.Refusef("%s.%s is NOT NULL already", t.As, pgtext.Ident(col.Name))
	}
	check := sqltext.Name(t.Name, col.Name, "is_not_null")
	if err := mistake.FirstOf(ensure.FreeConstraint(ctx, in, t, check), childrenAllow(ctx, in, t, col)); err != nil {
		return nil, err
	}
	direct, err := way.Choose(ctx, in, t, way.Scans)
	if err != nil {
		return nil, err
	}
	data := notNull{T: t, Check: check, Direct: direct}
	if direct {
		data.Small = way.Small(in, t, way.Scans, "ACCESS EXCLUSIVE", "All rows are looked at once.")
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for one scan", t.As)
		return data, t.MayAlter()
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on %s three times, for a moment each; the scans let reads and writes through", t.As)
	return data, t.MayAlter()
}

// childrenAllow refuses a column that is NOT NULL in a partition or a child by
// itself: before 18 the server does not tell that from what the table gives it,
// and the down migration would take it too.
func childrenAllow(ctx context.Context, in *task.Input, t *catalog.Table, col *catalog.Column) error {
	if in.DB == nil {
		return nil
	}
	found, err := in.DB.Strings(ctx, catalog.SQL("not_null_in_children"), t.OID, col.Name)
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.New(
		fmt.Sprintf("%s is NOT NULL in %s alone, and the down migration would drop that too", pgtext.Ident(col.Name), strings.Join(found, ", ")),
		"drop it there in an earlier migration: this one sets it for all",
	)
}
