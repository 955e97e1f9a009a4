// Package foreignkey adds a foreign key without a long lock: add-foreign-key.
package foreignkey

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/oncitus"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// added is what sql/add-foreign-key.sql sees.
type added struct {
	T, Parent *catalog.Table
	// Other is true where the table does not refer to itself.
	Other                         bool
	From, Into                    []string
	Name, On, Set, Delete, Update string
	// Up and Down are a locked each.
	Up, Down map[string]any
}

// locked is what the body sees of the lock of both tables.
type locked struct {
	Locks     bool
	T, Parent *catalog.Table
	Mode      string
}

// Add adds a foreign key, and has it checked beside reads and writes.
func Add(ctx context.Context, in *task.Input) (any, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	parent, err := in.TableOf(ctx, "references")
	if err != nil {
		return nil, err
	}
	if t.Partitioned {
		return nil, mistake.New(t.As+" is partitioned, and PostgreSQL takes no NOT VALID foreign key there", "add it to each partition, or by hand where the scan is short")
	}
	from, into, err := bothSides(ctx, in, t, parent)
	if err != nil {
		return nil, err
	}
	name := in.Params["constraint"]
	if name == "" {
		name = sqltext.Name(t.Name, strings.Join(from, "_"), "fkey")
	}
	onDelete, err := in.OneOf("on_delete", "", "cascade", "set null", "set default", "restrict", "no action")
	if err != nil {
		return nil, err
	}
	onUpdate, err := in.OneOf("on_update", "", "cascade", "set null", "set default", "restrict", "no action")
	if err != nil {
		return nil, err
	}
	reference := oncitus.Reference{Table: t, Parent: parent, From: from, Into: into, OnDelete: onDelete, OnUpdate: onUpdate}
	if err := mistake.FirstOf(oncitus.MayRefer(ctx, in, reference), mayRefer(ctx, in, t, parent, from, into, onDelete, onUpdate), t.MayAlter(), ensure.FreeConstraint(ctx, in, t, name), notice.Unindexed(ctx, in, t, from, "each DELETE of a referred row will scan it")); err != nil {
		return nil, err
	}
	in.Sayf("%s: %s; the scans let reads and writes through", t.As, in.About(t.Rows))
	locks := t.OID != parent.OID || in.DB == nil && t.As != parent.As
	if locks {
		if locks, err = mayLock(ctx, in, parent); err != nil {
			return nil, err
		}
	}
	in.Sayf("locks: SHARE ROW EXCLUSIVE on %s and %s for a moment", t.As, parent.As)
	return added{
		Up:   task.Fields(locked{Locks: locks, T: t, Parent: parent, Mode: "SHARE ROW EXCLUSIVE"}),
		Down: task.Fields(locked{Locks: locks, T: t, Parent: parent, Mode: "ACCESS EXCLUSIVE"}),
		T:    t, Parent: parent, Other: t.OID != parent.OID, From: from, Into: into, Name: name, On: pairs(from, into),
		Set:    sqltext.JoinBy(from, " AND ", func(c string) string { return "c." + pgtext.Ident(c) + " IS NOT NULL" }),
		Delete: strings.ToUpper(onDelete), Update: strings.ToUpper(onUpdate),
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
func bothSides(ctx context.Context, in *task.Input, t, parent *catalog.Table) (from, into []string, err error) {
	if from, err = t.ColumnList(in.Params["columns"]); err != nil {
		return nil, nil, err
	}
	if into = ensure.PrimaryKey(ctx, parent, in); in.Params["to"] != "" {
		if into, err = parent.ColumnList(in.Params["to"]); err != nil {
			return nil, nil, err
		}
	}
	if len(into) == 0 && in.DB == nil {
		return nil, nil, mistake.New("offline the primary key of "+parent.As+" is not known", "leave --offline out, or name the columns by --set to=…")
	}
	if len(into) == 0 {
		return nil, nil, mistake.New(parent.As+" has no primary key", "name the columns of a unique constraint by --set to=…")
	}
	if len(from) != len(into) {
		return nil, nil, mistake.Refusef("%d columns cannot refer to %d: %s → %s", len(from), len(into), sqltext.Join(from, pgtext.Ident), sqltext.Join(into, pgtext.Ident))
	}
	if in.NotLookedAt("whether %s is partitioned, which takes no NOT VALID foreign key; whether %s has a unique constraint over %s; whether an index of %[1]s starts with %[4]s",
		t.As, parent.As, sqltext.Join(into, pgtext.Ident), pgtext.Ident(from[0])); in.DB == nil {
		return from, into, nil
	}
	unique, err := ensure.Referable(ctx, in, parent, into)
	if err != nil {
		return nil, nil, err
	}
	if !unique {
		return nil, nil, mistake.New(fmt.Sprintf("%s has no unique constraint over %s", parent.As, sqltext.Join(into, pgtext.Ident)), "add one by --template add-index --set unique=true")
	}
	return from, into, nil
}

// mayRefer has the server itself try the constraint, on empty tables of the same
// columns: it refuses types that = takes and a foreign key does not, and actions
// that a generated column cannot follow. What it would let in and then refuse at
// each DELETE is refused too.
func mayRefer(ctx context.Context, in *task.Input, t, parent *catalog.Table, from, into []string, onDelete, onUpdate string) error {
	if in.DB == nil {
		return nil
	}
	for _, name := range from {
		if c, err := t.Column(name); err == nil && c.NotNull && (onDelete == "set null" || onUpdate == "set null") {
			return mistake.New(
				fmt.Sprintf("%s.%s is NOT NULL, so that SET NULL would fail whenever it is to happen", t.As, pgtext.Ident(name)),
				"choose another action, or write it by hand with SET NULL and the columns that can be NULL",
			)
		}
	}
	var may bool
	err := in.DB.QueryRow(ctx, catalog.SQL("may_refer"), parent.OID, pq.Array(into)).Scan(&may)
	if err == nil && !may {
		return mistake.New("this role may not refer to "+parent.As, fmt.Sprintf("have its owner, %s, GRANT REFERENCES on it, or use --role", parent.Owner))
	}
	if err != nil {
		return err
	}
	return in.DB.RolledBack(ctx, func() error {
		err := in.DB.Exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE rung_probe_into (LIKE %s);
ALTER TABLE pg_temp.rung_probe_into ADD UNIQUE (%s);
CREATE TEMP TABLE rung_probe (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED);
ALTER TABLE pg_temp.rung_probe ADD CONSTRAINT it FOREIGN KEY (%s) REFERENCES pg_temp.rung_probe_into (%[2]s)`,
			parent.As, sqltext.Join(into, pgtext.Ident), t.As, sqltext.Join(from, pgtext.Ident))+action(" ON DELETE ", onDelete)+action(" ON UPDATE ", onUpdate))
		if e := pq.As(err); e != nil {
			return mistake.New(fmt.Sprintf("columns=%s: %s", in.Params["columns"], cmp.Or(e.Detail, e.Message)), e.Hint)
		}
		return err
	})
}

// mayLock reports whether the role may lock the table that is referred to, for which it
// takes more than to refer to it.
func mayLock(ctx context.Context, in *task.Input, parent *catalog.Table) (may bool, err error) {
	if in.DB == nil {
		return true, nil
	}
	err = in.DB.QueryRow(ctx, catalog.SQL("may_lock"), parent.OID).Scan(&may)
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
