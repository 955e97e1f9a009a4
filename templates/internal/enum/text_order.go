package enum

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// asksOrder are definitions that ask which of two values is greater, and those
// that sort the rows that they return, and do no more with the order.
type asksOrder struct{ compare, sort []string }

// orderClasses are the classes of what catalog.SQL("ordered") looks into, in its order.
var orderClasses = []string{"pg_rewrite", "pg_constraint", "pg_index", "pg_trigger", "pg_policy", "pg_attrdef", "pg_statistic_ext"}

// askOrder looks into objects, by class.
func askOrder(ctx context.Context, db *catalog.Catalog, typ uint32, of map[string][]int64) (a asksOrder, err error) {
	var args []any
	for _, class := range orderClasses {
		args = append(args, pq.Array(of[class]))
	}
	rows, err := db.Query(ctx, catalog.SQL("ordered"), append(args, typ)...)
	if err != nil {
		return a, err
	}
	defer rows.Close()
	for rows.Next() {
		var what string
		var compares bool
		if err := rows.Scan(&what, &compares); err != nil {
			return a, err
		}
		if compares {
			a.compare = append(a.compare, what)
		} else {
			a.sort = append(a.sort, what)
		}
	}
	return a, rows.Err()
}

// mustNotSort refuses definitions that ask for the order of values where texts
// would give another answer, and names views that sort their rows.
func (s *swap) mustNotSort(r *dependents.Reader, in *task.Input) error {
	sorted, err := otherOrder(r.Ctx, r.Db, s.Old, func(l string) string { return l }, s.Old)
	if err != nil || sorted == nil {
		return err
	}
	of := map[string][]int64{"pg_index": slices.Concat(r.H.Oids["i"], r.H.Oids["I"])}
	for _, class := range orderClasses {
		of[class] = append(of[class], r.H.Oids[class]...)
	}
	a, err := askOrder(r.Ctx, r.Db, s.Enum.OID, of)
	if err != nil {
		return err
	}
	if len(a.compare) > 0 {
		return mistake.New(
			"texts sort as "+sqltext.Join(sorted, sqltext.EnumValue)+", and these depend on the order of enum values, by <, >, BETWEEN, min(), max() or the like: "+strings.Join(a.compare, ", "),
			"drop these in a migration before and make them again in one after, with an order of their own, as by array_position(ARRAY["+sqltext.Join(s.Old, sqltext.EnumValue)+"], …)",
		)
	}
	if len(a.sort) > 0 {
		in.Sayf("these sort their rows by enum values, and will sort them as texts, %s: %s", sqltext.Join(sorted, sqltext.EnumValue), strings.Join(a.sort, ", "))
	}
	return nil
}

// otherOrder are texts as they sort, if that is not the order of the values that
// they stand for. A throwaway server may have another collation than the real one.
func otherOrder(ctx context.Context, db *catalog.Catalog, texts []string, valueOf func(string) string, values []string, collations ...string) ([]string, error) {
	if len(collations) == 0 {
		collations = []string{`"default"`, `"C"`}
	}
	for _, by := range collations {
		var sorted []string
		err := db.QueryRow(ctx, "SELECT array_agg(t ORDER BY t COLLATE "+by+") FROM unnest($1::text[]) AS t", pq.Array(texts)).Scan((*pq.StringArray)(&sorted))
		if err != nil {
			return nil, fmt.Errorf("sort the values: %w", err)
		}
		if !slices.IsSortedFunc(sorted, func(a, b string) int { return slices.Index(values, valueOf(a)) - slices.Index(values, valueOf(b)) }) {
			return sorted, nil
		}
	}
	return nil, nil
}

// realName takes off what a trial has put around a name.
func realName(what string) string {
	what = regexp.MustCompile(`\bpg_temp_\d+\.`).ReplaceAllString(what, "")
	return regexp.MustCompile(`^view "(materialized view .*)"$`).ReplaceAllString(what, "$1")
}

// trialOrder tells which of the pieces that are made again on a trial's tables
// ask for the order of what they compare, where values have another one.
func trialOrder(ctx context.Context, in *task.Input, col *textColumn, typ *catalog.Enum, c *Change) (cannot []string, err error) {
	var collations []string
	if _, own, ok := strings.Cut(col.Back, " COLLATE "); ok {
		collations = []string{own}
	}
	known := slices.DeleteFunc(slices.Clone(c.Old), func(l string) bool { _, ok := c.To[l]; return !ok })
	sorted, err := otherOrder(ctx, in.DB, known, func(l string) string { return c.To[l] }, c.New, collations...)
	if err != nil || sorted == nil {
		return nil, err
	}
	var oid uint32
	found := make([][]int64, len(orderClasses))
	to := []any{}
	for i := range found {
		to = append(to, (*pq.Int64Array)(&found[i]))
	}
	if err := in.DB.QueryRow(ctx, catalog.SQL("trial_objects"), typ.Full).Scan(append(to, &oid)...); err != nil {
		return nil, fmt.Errorf("look into the trial: %w", err)
	}
	of := map[string][]int64{}
	for i, class := range orderClasses {
		of[class] = found[i]
	}
	a, err := askOrder(ctx, in.DB, oid, of)
	for _, what := range a.compare {
		cannot = append(cannot, realName(what)+" (it depends on the order of texts, and the enum values have another one)")
	}
	if len(a.sort) > 0 {
		in.Sayf("these sort their rows by texts, and will sort them by enum values: %s", sqltext.JoinBy(a.sort, ", ", realName))
	}
	return cannot, err
}
