package templates

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// node is an object of the catalog: its class, oid and column.
type node struct {
	class string
	oid   int64
	sub   int
}

// hanging is all that hangs on an enum type, by class.
type hanging struct {
	oids map[string][]int64
	// views in the order in which they can be made.
	views []int64
	// generated are the columns that must be rebuilt, as table:number.
	generated []string
}

type edge struct {
	from, to           node
	relkind, typtype   string
	rowtype, generated bool
	extension          bool
	what               string
}

// hangs walks pg_depend from the type, and refuses what cannot be rebuilt with
// the full list of it. A type without an OID is one that a column is to have.
func (c *Catalog) hangs(ctx context.Context, by string, e *Enum) (*hanging, error) {
	var column EnumColumn
	if e.OID == 0 {
		column = e.Columns[0]
	}
	edges, err := c.edges(ctx, e.OID, column.Table, column.Column)
	if err != nil {
		return nil, fmt.Errorf("find what depends on %s: %w", e.As, err)
	}
	if err := refuseEdges(by, e, edges); err != nil {
		return nil, err
	}
	return hangingOf(edges)
}

// edges is what depends on a type, or on a column of a table where there is no type.
func (c *Catalog) edges(ctx context.Context, typ, table uint32, column string) ([]edge, error) {
	return list(ctx, c, func(rows *sql.Rows) (x edge, err error) {
		err = rows.Scan(&x.from.class, &x.from.oid, &x.from.sub, &x.relkind, &x.typtype, &x.rowtype,
			&x.to.class, &x.to.oid, &x.to.sub, &x.what, &x.generated, &x.extension)
		return x, err
	}, enumSQL("edges"), typ, table, column)
}

// hangingOf sorts what was found by its class.
func hangingOf(edges []edge) (*hanging, error) {
	h := &hanging{oids: map[string][]int64{}}
	seen := map[node]bool{}
	views := map[int64]bool{}
	for _, x := range edges {
		if seen[x.from] {
			continue
		}
		seen[x.from] = true
		switch {
		case x.from.class == "pg_class" && strings.Contains("vm", x.relkind):
			views[x.from.oid] = true
		case x.generated && x.to.class == "pg_attrdef":
			h.generated = append(h.generated, fmt.Sprintf("%d:%d", x.from.oid, x.from.sub))
		}
		class := x.from.class
		if class == "pg_class" {
			class = x.relkind
		}
		if all := h.oids[class]; !slices.Contains(all, x.from.oid) {
			h.oids[class] = append(all, x.from.oid)
		}
	}
	// A generated column may be reached by its type first.
	for _, x := range edges {
		if key := fmt.Sprintf("%d:%d", x.from.oid, x.from.sub); x.generated && !slices.Contains(h.generated, key) {
			h.generated = append(h.generated, key)
		}
	}
	var err error
	h.views, err = inMakingOrder(views, edges)
	return h, err
}

// refuseEdges refuses what a change of type cannot carry along.
func refuseEdges(by string, e *Enum, edges []edge) error {
	var keys, cannot []string
	for _, x := range edges {
		switch {
		case x.from.class == "pg_class" && strings.Contains("rp", x.relkind) && x.from.sub == 0:
			keys = append(keys, x.what)
		case x.extension, !rebuilt(x):
			cannot = append(cannot, x.what)
		}
	}
	if len(keys) > 0 {
		hint := "values can still be renamed (enum-rename) and added (enum-add)"
		if e.OID == 0 {
			hint = ""
		}
		return &Mistake{fmt.Sprintf("%s is in the partition key of %s, and PostgreSQL cannot change the type of that", e.As, strings.Join(unique(keys), ", ")), hint}
	}
	if len(cannot) > 0 {
		hint := "drop these in a migration before and make them again in one after"
		if e.OID != 0 {
			hint += "; or keep to enum-rename and enum-add, which leave everything as it is"
		}
		return &Mistake{fmt.Sprintf("%s cannot rebuild what depends on %s: %s", by, e.As, strings.Join(unique(cannot), ", ")), hint}
	}
	return nil
}

// rebuilt reports whether an object is one of the kinds that are dropped and made again.
func rebuilt(x edge) bool {
	switch x.from.class {
	case "pg_class":
		return strings.Contains("rpvmiIt", x.relkind)
	case "pg_type": // the array type; the row types of views
		return x.typtype == "b" || x.rowtype && x.typtype == "c"
	case "pg_constraint":
		return !strings.HasPrefix(x.what, "constraint") || !strings.Contains(x.what, " on type ") && !strings.Contains(x.what, " on domain ")
	case "pg_attrdef", "pg_rewrite", "pg_trigger", "pg_policy", "pg_publication_rel", "pg_statistic_ext":
		return true
	}
	return false
}

func unique(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}

// inMakingOrder sorts views so that each comes after those that it reads.
func inMakingOrder(views map[int64]bool, edges []edge) ([]int64, error) {
	viewOf := map[int64]int64{} // rule → view
	for _, x := range edges {
		if x.from.class == "pg_class" && x.to.class == "pg_rewrite" {
			viewOf[x.to.oid] = x.from.oid
		}
	}
	reads := map[int64]map[int64]bool{}
	for _, x := range edges {
		view, ok := viewOf[x.from.oid]
		if x.from.class == "pg_rewrite" && ok && x.to.class == "pg_class" && views[x.to.oid] && x.to.oid != view {
			if reads[view] == nil {
				reads[view] = map[int64]bool{}
			}
			reads[view][x.to.oid] = true
		}
	}
	var order []int64
	done := map[int64]bool{}
	for len(done) < len(views) {
		before := len(order)
		for _, v := range slices.SortedFunc(maps.Keys(views), cmp.Compare) {
			ready := true
			for r := range reads[v] {
				ready = ready && done[r]
			}
			if ready && !done[v] {
				order = append(order, v)
				done[v] = true
			}
		}
		if len(order) == before {
			return nil, refusef("views that depend on the type read each other in a circle")
		}
	}
	return order, nil
}
