// Package column adds columns and fills them: add-column, backfill, derived-column,
// set-not-null, soft-delete.
package column

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// added is what sql/add-column.sql sees.
type added struct {
	T                          *catalog.Table
	Nullable, Constant, Direct bool
	Key, AsText, Or            string
	Fill, Trigger, Check       string
	// Follows is true where the column follows a row that changes; Reads are the
	// columns that must have changed for it.
	Follows bool
	Reads   []string
	Fits    shared.FitCheck
	Small   way.SmallTable
	// Again is all of it for what may be there already.
	Again map[string]any
}

// Add adds a column with a value for every row.
func Add(ctx context.Context, in *task.Input) (any, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(t.KeyFrom(in.Params["key"]), ensure.TellsApart(ctx, in, t)); err != nil {
		return nil, err
	}
	column, value := in.Params["column"], in.Params["value"]
	nullable, err := in.Flag("null")
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(t.MayFollow(), t.FreeColumn(column), ensure.IsType(ctx, in, "type"), fitsColumn(ctx, in, t)); err != nil {
		return nil, err
	}
	data := added{
		T: t, Nullable: nullable, Follows: true,
		Fill: t.Beside(sqltext.Name(t.Name, column, "fill")), Trigger: sqltext.Name(t.Name, column, "fill"),
		Check: sqltext.Name(t.Name, column, "is_not_null"),
	}
	if data.Constant, err = atOnce(ctx, in); err != nil {
		return nil, err
	}
	if data.Constant {
		in.Sayf("the value is the same for every row: PostgreSQL adds it at once, without touching a row")
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment", t.As)
		return data, nil
	}
	if data.Direct, err = way.Choose(ctx, in, t, way.Updates); err != nil {
		return nil, err
	}
	if data.Direct {
		data.Small = way.Small(in, t, way.Updates, "ACCESS EXCLUSIVE", "")
		after := ""
		if in.Params["default"] == "" && !nullable {
			after = fmt.Sprintf("no default: from then on an INSERT must give %s, so deploy the code that does before it, or set a default", pgtext.Ident(column))
		}
		return data, way.SayDirect(ctx, in, data.Small, column, after)
	}
	if err := ensure.AddsAtOnce(ctx, in, in.Params["type"]); err != nil {
		return nil, err
	}
	if data.Key, err = t.BatchKey(); err != nil {
		return nil, err
	}
	data.Fits = shared.FitCheck{
		T: t, Type: in.Params["type"], Expression: value, Shown: t.Row(""), NotNull: !nullable,
		Says: " rows of " + t.As + " would have no " + column,
		Hint: "Fix the rows, or give an expression that fits them all, as by coalesce(…).",
	}
	if err := mistake.FirstOf(ensure.Free(ctx, in, t, sqltext.Name(t.Name, column, "fill")), ensure.FreeConstraint(ctx, in, t, sqltext.Name(t.Name, column, "is_not_null"))); err != nil {
		return nil, err
	}
	if data.Trigger, err = ensure.LastToFire(ctx, in, t, sqltext.Name(t.Name, column, "fill")); err != nil {
		return nil, err
	}
	if data.Follows, data.Reads, err = follows(ctx, in, t); err != nil {
		return nil, err
	}
	if data.AsText, err = ensure.CompareAs(ctx, in, in.Params["type"]); err != nil {
		return nil, err
	}
	in.NotLookedAt("whether %s is the primary key of %s, and whether the value is the same for every row, which takes one step", t.KeyList(), t.As)
	if strings.Contains(strings.ToLower(value), "select ") {
		in.Sayf("the value reads other rows, and a change of those does not bring it up to date: see the template derived-column")
	}
	in.Sayf("%s: %s; filled in batches over %s, while a trigger keeps new and changed rows right", t.As, in.About(t.Rows), data.Key)
	if in.Params["default"] == "" && !nullable {
		in.Sayf("no default: after the last file an INSERT must give %s, so deploy the code that does before it", pgtext.Ident(column))
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, several times; the rows of one batch at a time", t.As)
	data.Again = task.Again(in, data)
	return data, mistake.FirstOf(notice.Fired(ctx, in, t, column), notice.Published(ctx, in, "a column", t.OID))
}

// fitsColumn checks the value and the default against table and type.
func fitsColumn(ctx context.Context, in *task.Input, t *catalog.Table) error {
	typ, value := in.Params["type"], in.Params["value"]
	if err := ensure.Assigns(ctx, in, "value", typ, value, t.As); err != nil {
		return err
	}
	// The trigger has the row before generated columns are worked out.
	var stored []string
	for _, c := range t.Columns {
		if !c.Generated {
			stored = append(stored, c.Name)
		}
	}
	from := "(SELECT " + sqltext.Join(stored, pgtext.Ident) + " FROM " + t.As + ") AS " + pgtext.Ident(t.Name)
	return mistake.FirstOf(ensure.Assigns(ctx, in, "value", typ, value, from), ensure.OfOneRow(ctx, in, "value", value, from), ensure.MayDefault(ctx, in, typ))
}

// nullAlone is the tree of a value that is NULL as it stands there.
var nullAlone = lazyre.New(`:targetList \({TARGETENTRY :expr {CONST [^{}]*:constisnull true`)

// atOnce reports whether PostgreSQL gives old rows the value without touching
// them: it reads no column and is not volatile, and no domain looks at it. The
// server's own tree of it tells, and nothing is run.
func atOnce(ctx context.Context, in *task.Input) (once bool, err error) {
	var null bool
	if in.DB == nil {
		return false, nil // in batches it comes out right in any case
	}
	if ensure.Compiles(ctx, in, "value", "SELECT ("+in.Params["value"]+")"+sqltext.Cast(in.Params["type"])) != nil {
		return false, nil
	}
	err = ensure.OnTypeProbe(ctx, in, in.Params["type"], func() error {
		if err := in.DB.One(ctx, "ALTER TABLE pg_temp.rung_probe ALTER COLUMN c SET DEFAULT ("+in.Params["value"]+")"); err != nil {
			return ensure.BadParam("value", in.Params["value"], err)
		}
		tree, err := ensure.Tree(ctx, in, in.Params["value"], "(VALUES (1)) AS nothing")
		if err != nil {
			return ensure.BadParam("value", in.Params["value"], err)
		}
		null = nullAlone.MatchString(tree)
		once, err = ensure.Volatile(ctx, in, tree)
		once = !once && !strings.Contains(tree, "{COERCETODOMAIN ")
		return err
	})
	if null && in.Params["null"] != "true" {
		return false, mistake.New("value="+in.Params["value"]+" is NULL, and the column is to be NOT NULL", "give another value, or --set null=true")
	}
	return once, err
}

// follows reports whether the column follows a row that changes, and which columns
// must have changed for it; nil where that does not matter. A volatile value,
// like one of random(), may be what the row has by chance: worked out again, it
// would be a new one, for a change that has nothing to do with it.
func follows(ctx context.Context, in *task.Input, t *catalog.Table) (follows bool, reads []string, err error) {
	if in.DB == nil {
		return true, nil, nil
	}
	var volatile bool
	err = ensure.OnTypeProbe(ctx, in, in.Params["type"], func() error {
		tree, err := ensure.Tree(ctx, in, in.Params["value"], t.As)
		if err == nil {
			volatile, err = ensure.Volatile(ctx, in, tree)
		}
		return err
	})
	if err != nil || !volatile {
		return true, nil, ensure.BadParam("value", in.Params["value"], err)
	}
	for n, c := range t.Columns {
		others := slices.DeleteFunc(slices.Clone(t.Columns), func(o catalog.Column) bool { return o.Name == t.Columns[n].Name })
		names := sqltext.JoinBy(others, ", ", func(o catalog.Column) string { return pgtext.Ident(o.Name) })
		err := ensure.Compiles(ctx, in, "value", "SELECT "+in.Params["value"]+" FROM (SELECT "+names+" FROM "+t.As+") AS "+pgtext.Ident(t.Name))
		if m := (*mistake.Mistake)(nil); errors.As(err, &m) {
			reads = append(reads, c.Name)
		} else if err != nil {
			return false, nil, err
		}
	}
	in.Sayf("the value is volatile: a row that has one keeps it, unless a column changes that the value is of")
	return len(reads) > 0, reads, nil
}
