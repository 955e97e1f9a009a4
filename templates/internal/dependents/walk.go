package dependents

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
)

// node is an object of the catalog: its class, oid and column.
type node struct {
	Class string
	oid   int64
	Sub   int
}

// Hanging is all that hangs on an enum type, by class.
type Hanging struct {
	Oids map[string][]int64
	// Views in the order in which they can be made.
	Views []int64
	// Generated are the columns that must be rebuilt, as table:number.
	Generated []string
}

type Edge struct {
	From, to           node
	Relkind, typtype   string
	rowtype, Generated bool
	Extension          bool
	What               string
}

// Hangs walks pg_depend from the type, and refuses what cannot be rebuilt with
// the full list of it. A type without an OID is one that a column is to have.
func Hangs(ctx context.Context, c *catalog.Catalog, by string, e *catalog.Enum) (*Hanging, error) {
	var column catalog.EnumColumn
	if e.OID == 0 {
		column = e.Columns[0]
	}
	edges, err := Edges(ctx, c, e.OID, column.Table, column.Column)
	if err != nil {
		return nil, fmt.Errorf("find what depends on %s: %w", e.As, err)
	}
	if err := refuseEdges(by, e, edges); err != nil {
		return nil, err
	}
	return HangingOf(edges)
}

// Edges is what depends on a type, or on a column of a table where there is no type.
func Edges(ctx context.Context, c *catalog.Catalog, typ, table uint32, column string) ([]Edge, error) {
	return catalog.List(ctx, c, func(rows *sql.Rows) (x Edge, err error) {
		err = rows.Scan(&x.From.Class, &x.From.oid, &x.From.Sub, &x.Relkind, &x.typtype, &x.rowtype,
			&x.to.Class, &x.to.oid, &x.to.Sub, &x.What, &x.Generated, &x.Extension)
		return x, err
	}, catalog.SQL("edges"), typ, table, column)
}

// HangingOf sorts what was found by its class.
func HangingOf(edges []Edge) (*Hanging, error) {
	h := &Hanging{Oids: map[string][]int64{}}
	seen := map[node]bool{}
	views := map[int64]bool{}
	for _, x := range edges {
		if seen[x.From] {
			continue
		}
		seen[x.From] = true
		switch {
		case x.From.Class == "pg_class" && strings.Contains("vm", x.Relkind):
			views[x.From.oid] = true
		case x.Generated && x.to.Class == "pg_attrdef":
			h.Generated = append(h.Generated, fmt.Sprintf("%d:%d", x.From.oid, x.From.Sub))
		}
		class := x.From.Class
		if class == "pg_class" {
			class = x.Relkind
		}
		if all := h.Oids[class]; !slices.Contains(all, x.From.oid) {
			h.Oids[class] = append(all, x.From.oid)
		}
	}
	// A generated column may be reached by its type first.
	for _, x := range edges {
		if key := fmt.Sprintf("%d:%d", x.From.oid, x.From.Sub); x.Generated && !slices.Contains(h.Generated, key) {
			h.Generated = append(h.Generated, key)
		}
	}
	var err error
	h.Views, err = inMakingOrder(views, edges)
	return h, err
}

// refuseEdges refuses what a change of type cannot carry along.
func refuseEdges(by string, e *catalog.Enum, edges []Edge) error {
	var keys, cannot []string
	for _, x := range edges {
		switch {
		case x.From.Class == "pg_class" && strings.Contains("rp", x.Relkind) && x.From.Sub == 0:
			keys = append(keys, x.What)
		case x.Extension, !Rebuilt(x):
			cannot = append(cannot, x.What)
		}
	}
	if len(keys) > 0 {
		hint := "values can still be renamed (enum-rename) and added (enum-add)"
		if e.OID == 0 {
			hint = ""
		}
		return mistake.New(fmt.Sprintf("%s is in the partition key of %s, and PostgreSQL cannot change the type of that", e.As, strings.Join(sqltext.Unique(keys), ", ")), hint)
	}
	if len(cannot) > 0 {
		hint := "drop these in a migration before and make them again in one after"
		if e.OID != 0 {
			hint += "; or keep to enum-rename and enum-add, which leave everything as it is"
		}
		return mistake.New(fmt.Sprintf("%s cannot rebuild what depends on %s: %s", by, e.As, strings.Join(sqltext.Unique(cannot), ", ")), hint)
	}
	return nil
}

// Rebuilt reports whether an object is one of the kinds that are dropped and made again.
func Rebuilt(x Edge) bool {
	switch x.From.Class {
	case "pg_class":
		return strings.Contains("rpvmiIt", x.Relkind)
	case "pg_type": // the array type; the row types of views
		return x.typtype == "b" || x.rowtype && x.typtype == "c"
	case "pg_constraint":
		return !strings.HasPrefix(x.What, "constraint") || !strings.Contains(x.What, " on type ") && !strings.Contains(x.What, " on domain ")
	case "pg_attrdef", "pg_rewrite", "pg_trigger", "pg_policy", "pg_publication_rel", "pg_statistic_ext":
		return true
	}
	return false
}

// inMakingOrder sorts views so that each comes after those that it reads.
func inMakingOrder(views map[int64]bool, edges []Edge) ([]int64, error) {
	viewOf := map[int64]int64{} // rule → view
	for _, x := range edges {
		if x.From.Class == "pg_class" && x.to.Class == "pg_rewrite" {
			viewOf[x.to.oid] = x.From.oid
		}
	}
	reads := map[int64]map[int64]bool{}
	for _, x := range edges {
		view, ok := viewOf[x.From.oid]
		if x.From.Class == "pg_rewrite" && ok && x.to.Class == "pg_class" && views[x.to.oid] && x.to.oid != view {
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
			return nil, mistake.Refusef("views that depend on the type read each other in a circle")
		}
	}
	return order, nil
}
