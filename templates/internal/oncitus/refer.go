package oncitus

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rung/internal/citus"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// Reference is a foreign key that is to be added.
type Reference struct {
	Table, Parent      *catalog.Table
	From, Into         []string
	OnDelete, OnUpdate string
}

// MayRefer refuses a foreign key that Citus does not take: between tables whose rows may
// stand on different nodes (https://docs.citusdata.com, Foreign Keys).
func MayRefer(ctx context.Context, in *task.Input, r Reference) error {
	if in.DB == nil {
		return nil
	}
	from, err := spread(ctx, in, r.Table)
	if err != nil {
		return err
	}
	into, err := spread(ctx, in, r.Parent)
	if err != nil {
		return err
	}
	why := r.split(from, into)
	if why == "" {
		return nil
	}
	return mistake.New(
		fmt.Sprintf("Citus takes no foreign key from %s, %s, to %s, %s: %s", r.Table.As, described(from), r.Parent.As, described(into), why),
		"distribute both by the columns of the key, with colocate_with, or make "+r.Parent.As+" a reference table",
	)
}

// spread is how a table's rows are spread; the zero value where Citus does not know it.
func spread(ctx context.Context, in *task.Input, t *catalog.Table) (citus.Table, error) {
	all, err := in.DB.CitusTables(ctx, sql.NullInt64{Int64: int64(t.OID), Valid: true}, sql.NullInt64{})
	if err != nil || len(all) == 0 {
		return citus.Table{}, err
	}
	return all[0], nil
}

func described(t citus.Table) string {
	if t.Kind == "" {
		return "a table that Citus does not know"
	}
	return "a " + string(t.Kind) + " table"
}

// split says why a row and the one that it refers to may stand on different nodes; "" if
// they cannot.
func (r Reference) split(from, into citus.Table) string {
	local := func(t citus.Table) bool { return t.Kind == "" || t.Kind == citus.Kept }
	acts := r.OnDelete + " " + r.OnUpdate
	switch {
	case local(from) && local(into), into.Kind == citus.Everywhere && from.Kind != citus.Everywhere:
	case from.Kind == citus.Everywhere && into.Kind == citus.Everywhere:
	case from.Kind == citus.Everywhere && local(into):
		if strings.Contains(acts, "cascade") || strings.Contains(acts, "set ") {
			return "from a reference table to a local one it takes NO ACTION or RESTRICT alone"
		}
	case from.Kind != citus.Sharded || into.Kind != citus.Sharded:
		return "the row that is referred to may be on another node"
	case from.Colocation != into.Colocation:
		return "they are not colocated"
	case from.Column != "" && slices.Index(r.From, from.Column) < 0:
		return "it does not have the column that " + r.Table.As + " is distributed by, " + pgtext.Ident(from.Column)
	case slices.Index(r.From, from.Column) != slices.Index(r.Into, into.Column):
		return "it does not pair the columns that they are distributed by"
	}
	if from.Column != "" && slices.Contains(r.From, from.Column) && strings.Contains(acts, "set ") {
		return "SET NULL and SET DEFAULT would change the column that " + r.Table.As + " is distributed by"
	}
	return ""
}
