package templates

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func lookAddForeignKey(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	parent, err := in.tableOf(ctx, "references")
	if err != nil {
		return nil, err
	}
	if t.Partitioned {
		return nil, &Mistake{t.As + " is partitioned, and PostgreSQL takes no NOT VALID foreign key there", "add it to each partition, or by hand where the scan is short"}
	}
	from, into, err := in.bothSides(ctx, t, parent)
	if err != nil {
		return nil, err
	}
	name := in.Params["constraint"]
	if name == "" {
		name = Name(t.Name, strings.Join(from, "_"), "fkey")
	}
	onDelete, err := in.oneOf("on_delete", "", "cascade", "set null", "set default", "restrict", "no action")
	if err != nil {
		return nil, err
	}
	onUpdate, err := in.oneOf("on_update", "", "cascade", "set null", "set default", "restrict", "no action")
	if err != nil {
		return nil, err
	}
	if err := firstOf(in.mayRefer(ctx, t, parent, from, into, onDelete, onUpdate), t.MayAlter(), in.freeConstraint(ctx, t, name), in.sayIndex(ctx, t, from, "each DELETE of a referred row will scan it")); err != nil {
		return nil, err
	}
	in.Sayf("%s: %s; the scans let reads and writes through", t.As, in.about(t.Rows))
	locks := t.OID != parent.OID || in.DB == nil && t.As != parent.As
	if locks {
		if locks, err = in.mayLock(ctx, parent); err != nil {
			return nil, err
		}
	}
	in.Sayf("locks: SHARE ROW EXCLUSIVE on %s and %s for a moment", t.As, parent.As)
	return map[string]any{
		"up":   map[string]any{"locks": locks, "t": t, "parent": parent, "mode": "SHARE ROW EXCLUSIVE"},
		"down": map[string]any{"locks": locks, "t": t, "parent": parent, "mode": "ACCESS EXCLUSIVE"},
		"t":    t, "parent": parent, "other": t.OID != parent.OID, "from": from, "into": into, "name": name, "on": pairs(from, into),
		"set":    joinBy(from, " AND ", func(c string) string { return "c." + pgtext.Ident(c) + " IS NOT NULL" }),
		"delete": strings.ToUpper(onDelete), "update": strings.ToUpper(onUpdate),
	}, nil
}

// pairs compares the columns of p with those of c.
func pairs(from, into []string) string {
	var all []string
	for i := range from {
		all = append(all, "p."+pgtext.Ident(into[i])+" = c."+pgtext.Ident(from[i]))
	}
	return strings.Join(all, " AND ")
}

// bothSides reads the columns of both tables, and checks that they fit.
func (in *Input) bothSides(ctx context.Context, t, parent *Table) (from, into []string, err error) {
	if from, err = t.columnList(in.Params["columns"]); err != nil {
		return nil, nil, err
	}
	if into = parent.primary(ctx, in); in.Params["to"] != "" {
		if into, err = parent.columnList(in.Params["to"]); err != nil {
			return nil, nil, err
		}
	}
	if len(into) == 0 && in.DB == nil {
		return nil, nil, &Mistake{"offline the primary key of " + parent.As + " is not known", "leave --offline out, or name the columns by --set to=…"}
	}
	if len(into) == 0 {
		return nil, nil, &Mistake{parent.As + " has no primary key", "name the columns of a unique constraint by --set to=…"}
	}
	if len(from) != len(into) {
		return nil, nil, refusef("%d columns cannot refer to %d: %s → %s", len(from), len(into), join(from, pgtext.Ident), join(into, pgtext.Ident))
	}
	if in.unseen("whether %s is partitioned, which takes no NOT VALID foreign key; whether %s has a unique constraint over %s; whether an index of %[1]s starts with %[4]s",
		t.As, parent.As, join(into, pgtext.Ident), pgtext.Ident(from[0])); in.DB == nil {
		return from, into, nil
	}
	unique, err := in.referable(ctx, parent, into)
	if err != nil {
		return nil, nil, err
	}
	if !unique {
		return nil, nil, &Mistake{fmt.Sprintf("%s has no unique constraint over %s", parent.As, join(into, pgtext.Ident)), "add one by --template add-index --set unique=true"}
	}
	return from, into, nil
}

// mayRefer has the server itself try the constraint, on empty tables of the same
// columns: it refuses types that = takes and a foreign key does not, and actions
// that a generated column cannot follow. What it would let in and then refuse at
// each DELETE is refused too.
func (in *Input) mayRefer(ctx context.Context, t, parent *Table, from, into []string, onDelete, onUpdate string) error {
	if in.DB == nil {
		return nil
	}
	for _, name := range from {
		if c, err := t.Column(name); err == nil && c.NotNull && (onDelete == "set null" || onUpdate == "set null") {
			return &Mistake{
				fmt.Sprintf("%s.%s is NOT NULL, so that SET NULL would fail whenever it is to happen", t.As, pgtext.Ident(name)),
				"choose another action, or write it by hand with SET NULL and the columns that can be NULL",
			}
		}
	}
	var may bool
	err := in.DB.queryRow(ctx, "SELECT bool_and(pg_catalog.has_column_privilege($1::oid, c, 'REFERENCES')) FROM unnest($2::text[]) AS c", parent.OID, pq.Array(into)).Scan(&may)
	if err == nil && !may {
		return &Mistake{"this role may not refer to " + parent.As, fmt.Sprintf("have its owner, %s, GRANT REFERENCES on it, or use --role", parent.Owner)}
	}
	if err != nil {
		return err
	}
	return in.DB.rolledBack(ctx, func() error {
		err := in.DB.exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE rung_probe_into (LIKE %s);
ALTER TABLE pg_temp.rung_probe_into ADD UNIQUE (%s);
CREATE TEMP TABLE rung_probe (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED);
ALTER TABLE pg_temp.rung_probe ADD CONSTRAINT it FOREIGN KEY (%s) REFERENCES pg_temp.rung_probe_into (%[2]s)`,
			parent.As, join(into, pgtext.Ident), t.As, join(from, pgtext.Ident))+action(" ON DELETE ", onDelete)+action(" ON UPDATE ", onUpdate))
		if e := pq.As(err); e != nil {
			return &Mistake{fmt.Sprintf("columns=%s: %s", in.Params["columns"], cmp.Or(e.Detail, e.Message)), e.Hint}
		}
		return err
	})
}

// mayLock reports whether the role may lock the table that is referred to, for which it
// takes more than to refer to it.
func (in *Input) mayLock(ctx context.Context, parent *Table) (may bool, err error) {
	if in.DB == nil {
		return true, nil
	}
	err = in.DB.queryRow(ctx, "SELECT pg_catalog.has_table_privilege($1::oid, 'UPDATE, DELETE, TRUNCATE')", parent.OID).Scan(&may)
	if err == nil && !may {
		in.Sayf("this role may not lock %s first: a transaction that writes it and then %s can meet a deadlock while the constraint is added; GRANT UPDATE on it to this role, and write the file again", parent.As, in.Params["table"])
	}
	return may, err
}

// action is a clause of a foreign key, if there is one.
func action(when, what string) string {
	if what == "" {
		return ""
	}
	return when + what
}

// referable reports whether a foreign key can refer to these columns.
func (in *Input) referable(ctx context.Context, t *Table, columns []string) (unique bool, err error) {
	err = in.DB.queryRow(ctx, `
SELECT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
                  AND (SELECT array_agg(a.attname::text ORDER BY a.attname)
                         FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
                      = (SELECT array_agg(x ORDER BY x) FROM unnest($2::text[]::name[]::text[]) AS x))`, t.OID, pq.Array(columns)).Scan(&unique)
	return unique, err
}

// columnList reads a parameter that names columns of the table.
func (t *Table) columnList(list string) ([]string, error) {
	var all []string
	for _, part := range pgtext.SplitOutsideQuotes(list, ",") {
		names, ok := splitName(part)
		if !ok || len(names) != 1 {
			return nil, &Mistake{fmt.Sprintf("%q is not a list of columns", list), "write them like a, b"}
		}
		if _, err := t.Column(names[0]); err != nil {
			return nil, err
		}
		all = append(all, names[0])
	}
	return all, nil
}

// primary are the columns of the primary key, however many.
func (t *Table) primary(ctx context.Context, in *Input) []string {
	if in.DB == nil {
		return nil
	}
	names, err := in.DB.strings(ctx, `
SELECT a.attname
  FROM pg_catalog.pg_constraint AS c
 CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
 WHERE c.conrelid = $1 AND c.contype = 'p'
 ORDER BY k.n`, t.OID)
	if err != nil {
		return nil
	}
	return names
}

// sayIndex warns of a referring column without an index, and says what that does.
func (in *Input) sayIndex(ctx context.Context, t *Table, from []string, so string) error {
	if in.DB == nil {
		return nil
	}
	var indexed bool
	err := in.DB.queryRow(ctx, `
SELECT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                 JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = $1 AND i.indpred IS NULL AND a.attname = $2)`, t.OID, from[0]).Scan(&indexed)
	if err == nil && !indexed {
		in.Sayf("%s has no index that starts with %s: %s; see the template add-index", t.As, pgtext.Ident(from[0]), so)
	}
	return err
}
