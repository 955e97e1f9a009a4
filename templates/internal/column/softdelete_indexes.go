package column

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// timeIndexes are the indexes that have the time in their condition. One that has it
// elsewhere stays as it is.
func timeIndexes(ctx context.Context, in *task.Input, t *catalog.Table, column, flag string) ([]shared.Replacement, error) {
	rows, err := in.DB.Query(ctx, catalog.SQL("softdelete_indexes"), t.OID, column)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []shared.Replacement
	var names []string
	for rows.Next() {
		var name, def, said string
		var unique bool
		if err := rows.Scan(&name, &unique, &def, &said); err != nil {
			return nil, err
		}
		_, rest, _ := pgtext.CutOutsideQuotes(def, " USING ")
		keys, where, _ := pgtext.CutOutsideQuotes(rest, " WHERE ")
		asked := pgtext.Ident(column)
		now := strings.NewReplacer("("+asked+" IS NULL)", "(NOT "+pgtext.Ident(flag)+")", "("+asked+" IS NOT NULL)", "("+pgtext.Ident(flag)+")").Replace(where)
		if regexp.MustCompile(`(^|[^\w"])` + regexp.QuoteMeta(asked) + `($|[^\w"])`).MatchString(keys + " " + now) {
			return nil, mistake.New(fmt.Sprintf("index %s holds %s in a way that no flag can stand for: %s", pgtext.Ident(name), asked, def), "drop it, or change it to IS NULL or IS NOT NULL")
		}
		if t.Partitioned {
			return nil, mistake.New(
				fmt.Sprintf("%s is partitioned, and its index %s cannot be built again CONCURRENTLY", t.As, pgtext.Ident(name)),
				fmt.Sprintf("drop it in a migration before, and add one with %s in the place of %s after the last file", pgtext.Ident(flag), asked),
			)
		}
		names = append(names, name)
		all = append(all, shared.Replacement{
			Create: "CREATE " + map[bool]string{true: "UNIQUE "}[unique] + "INDEX",
			Old:    pgtext.Ident(name), OldFull: t.Beside(name),
			Before: sqltext.IndexLines(keys, where), After: sqltext.IndexLines(keys, now), Said: said,
		})
	}
	if err := mistake.FirstOf(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if err := nameReplacements(ctx, in, t, all, names); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b shared.Replacement) int { return strings.Compare(a.Create, b.Create) }) // unique ones last: see notice.Twice
	notice.Twice(in, slices.ContainsFunc(all, func(x shared.Replacement) bool { return strings.Contains(x.Create, "UNIQUE") }), "_index", "_finish")
	return all, nil
}

// nameReplacements gives each a name of its own: those of long names are cut, and what
// PostgreSQL has told them apart by is at the end.
func nameReplacements(ctx context.Context, in *task.Input, t *catalog.Table, all []shared.Replacement, old []string) error {
	var mine []string
	for i := range all {
		fresh, err := ensure.FirstFree(ctx, in, t.Schema, mine, func(n int) string { return sqltext.Name(old[i], sqltext.Numbered("flag", n)) })
		if err != nil {
			return err
		}
		former, err := ensure.FirstFree(ctx, in, t.Schema, mine, func(n int) string { return sqltext.Name(old[i], sqltext.Numbered("time", n)) })
		if err != nil {
			return err
		}
		all[i].New, all[i].NewFull, all[i].Former, all[i].FormerFull = pgtext.Ident(fresh), t.Beside(fresh), pgtext.Ident(former), t.Beside(former)
		mine = append(mine, fresh, former)
	}
	return nil
}
