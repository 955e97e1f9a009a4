package enum

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/dependents"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// mustPass refuses rows that a CHECK would refuse with their new values: it
// would be found in the third file, and from there on make live writes fail.
func (o *online) mustPass(ctx context.Context, in *task.Input) error {
	test := o.Violations()
	if test == "" {
		return nil
	}
	return in.DB.RolledBack(ctx, func() error {
		e := o.CreateFresh()
		create := "CREATE TYPE " + e.Name + " AS ENUM (" + sqltext.Join(e.Values, sqltext.EnumValue) + ");\n" + sqltext.Statements(e.Then)
		if o.beside != "" {
			create = "CREATE SCHEMA " + pgtext.Ident(o.beside) + ";\n" + create
		}
		if err := in.DB.ExecTrusted(ctx, create); err != nil {
			return fmt.Errorf("try the CHECKs with the new values: %w", err)
		}
		return in.DB.NoneStuck(ctx, test, "change these rows or the CHECK, in a migration before")
	})
}

// Violations stops the file that has made the new type, and nothing else so far,
// where a row does not pass a CHECK with its new values.
func (o *online) Violations() string {
	var counts []string
	for _, k := range o.Checks {
		counts = append(counts, o.violations(k))
	}
	return sqltext.StopWhere(counts, "format('%s of %s, such as %s', n, name, example)",
		"rows would violate a CHECK with their new values", "Change these rows or the CHECK first. Nothing has been changed.")
}

// violations counts the rows that violate a CHECK with their new values. A row
// that violates one that is NOT VALID as it is may go on doing so.
func (o *online) violations(k *dependents.Check) string {
	from, key := k.Table, []string{"ctid"}
	at := slices.IndexFunc(o.Tables, func(t *onlineTable) bool { return t.T.As == k.Table })
	if at >= 0 {
		var fresh []string
		for _, c := range o.Tables[at].Columns {
			fresh = append(fresh, sqltext.IndentBy(24, o.Forth(c))+" AS "+c.Fresh())
		}
		key = o.Tables[at].T.Key
		from += "\n             CROSS JOIN LATERAL (\n                 SELECT " + strings.Join(fresh, ",\n                        ") + "\n                  ) AS fresh"
	}
	where := "NOT " + sqltext.Condition(o.forthWay.fill(k.Forth))
	if !k.Valid {
		where += "\n               AND " + sqltext.Condition(o.k.Fill(k.Definition, o.before)) + " IS NOT FALSE"
	}
	return fmt.Sprintf(`SELECT %s AS name, count(*) AS n,
                   %s || min(concat_ws(', ', %s)) AS example
              FROM %s
             WHERE %s`, pgtext.Literal(k.Table+": "+pgtext.Ident(k.Constraint)), pgtext.Literal(sqltext.Join(key, pgtext.Ident)+" = "), sqltext.Join(key, pgtext.Ident), from, where)
}
