package templates

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rung/internal/pgtext"
)

func lookAddColumn(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	if err := firstOf(t.keyFrom(in.Params["key"]), in.tellsApart(ctx, t)); err != nil {
		return nil, err
	}
	column, value := in.Params["column"], in.Params["value"]
	nullable, err := in.flag("null")
	if err != nil {
		return nil, err
	}
	if err := firstOf(t.MayFollow(), t.freeColumn(column), in.typeOf(ctx, "type"), in.fitsColumn(ctx, t)); err != nil {
		return nil, err
	}
	data := map[string]any{
		"t": t, "nullable": nullable, "constant": false, "key": "", "as_text": "", "follows": true, "reads": nil, "or": "", "again": nil,
		"fill": t.Beside(Name(t.Name, column, "fill")), "trigger": Name(t.Name, column, "fill"),
		"check": Name(t.Name, column, "is_not_null"),
	}
	if data["constant"], err = in.atOnce(ctx); err != nil {
		return nil, err
	}
	if data["constant"].(bool) {
		in.Sayf("the value is the same for every row: PostgreSQL adds it at once, without touching a row")
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment", t.As)
		return data, nil
	}
	direct, err := in.way(ctx, t, updates)
	if err != nil {
		return nil, err
	}
	if data["direct"] = direct; direct {
		small := in.small(t, updates, "ACCESS EXCLUSIVE", "")
		data["small"] = small
		after := ""
		if in.Params["default"] == "" && !nullable {
			after = fmt.Sprintf("no default: from then on an INSERT must give %s, so deploy the code that does before it, or set a default", pgtext.Ident(column))
		}
		return data, in.sayDirect(ctx, small, column, after)
	}
	if data["key"], err = t.BatchKey(); err != nil {
		return nil, err
	}
	data["fits"] = fitCheck{
		T: t, Type: in.Params["type"], Expression: value, Shown: t.Row(""), NotNull: !nullable,
		Says: " rows of " + t.As + " would have no " + column,
		Hint: "Fix the rows, or give an expression that fits them all, as by coalesce(…).",
	}
	if err := firstOf(in.free(ctx, t, Name(t.Name, column, "fill")), in.freeConstraint(ctx, t, Name(t.Name, column, "is_not_null"))); err != nil {
		return nil, err
	}
	if data["trigger"], err = in.lastToFire(ctx, t, Name(t.Name, column, "fill")); err != nil {
		return nil, err
	}
	if data["follows"], data["reads"], err = in.follows(ctx, t); err != nil {
		return nil, err
	}
	if data["as_text"], err = in.compareAs(ctx, in.Params["type"]); err != nil {
		return nil, err
	}
	in.unseen("whether %s is the primary key of %s, and whether the value is the same for every row, which takes one step", t.KeyList(), t.As)
	if strings.Contains(strings.ToLower(value), "select ") {
		in.Sayf("the value reads other rows, and a change of those does not bring it up to date: see the template derived-column")
	}
	in.Sayf("%s: %s; filled in batches over %s, while a trigger keeps new and changed rows right", t.As, in.about(t.Rows), data["key"])
	if in.Params["default"] == "" && !nullable {
		in.Sayf("no default: after the last file an INSERT must give %s, so deploy the code that does before it", pgtext.Ident(column))
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, several times; the rows of one batch at a time", t.As)
	data["again"] = in.again(data)
	return data, firstOf(in.sayFired(ctx, t, column), in.sayPublished(ctx, "a column", t.OID))
}

// again is the data for what may be there already: a way back may begin where the
// way up stopped halfway.
func (in *Input) again(data map[string]any) map[string]any {
	again := map[string]any{}
	for name, value := range in.Params {
		again[name] = value
	}
	maps.Copy(again, data)
	again["or"] = " OR REPLACE"
	return again
}

// fitsColumn checks the value and the default against table and type.
func (in *Input) fitsColumn(ctx context.Context, t *Table) error {
	typ, value := in.Params["type"], in.Params["value"]
	if err := in.assigns(ctx, "value", typ, value, t.As); err != nil {
		return err
	}
	// The trigger has the row before generated columns are worked out.
	var stored []string
	for _, c := range t.Columns {
		if !c.Generated {
			stored = append(stored, c.Name)
		}
	}
	from := "(SELECT " + join(stored, pgtext.Ident) + " FROM " + t.As + ") AS " + pgtext.Ident(t.Name)
	return firstOf(in.assigns(ctx, "value", typ, value, from), in.ofOneRow(ctx, "value", value, from), in.mayDefault(ctx, typ))
}

// nullAlone is the tree of a value that is NULL as it stands there.
var nullAlone = regexp.MustCompile(`:targetList \({TARGETENTRY :expr {CONST [^{}]*:constisnull true`)

// atOnce reports whether PostgreSQL gives old rows the value without touching
// them: it reads no column and is not volatile, and no domain looks at it. The
// server's own tree of it tells, and nothing is run.
func (in *Input) atOnce(ctx context.Context) (once bool, err error) {
	var null bool
	if in.DB == nil {
		return false, nil // in batches it comes out right in any case
	}
	if in.compiles(ctx, "value", "SELECT ("+in.Params["value"]+")"+cast(in.Params["type"])) != nil {
		return false, nil
	}
	err = in.onTypeProbe(ctx, in.Params["type"], func() error {
		if err := in.DB.one(ctx, "ALTER TABLE pg_temp.rung_probe ALTER COLUMN c SET DEFAULT ("+in.Params["value"]+")"); err != nil {
			return badParam("value", in.Params["value"], err)
		}
		tree, err := in.tree(ctx, in.Params["value"], "(VALUES (1)) AS nothing")
		if err != nil {
			return badParam("value", in.Params["value"], err)
		}
		null = nullAlone.MatchString(tree)
		once, err = in.volatile(ctx, tree)
		once = !once && !strings.Contains(tree, "{COERCETODOMAIN ")
		return err
	})
	if null && in.Params["null"] != "true" {
		return false, &Mistake{"value=" + in.Params["value"] + " is NULL, and the column is to be NOT NULL", "give another value, or --set null=true"}
	}
	return once, err
}

// follows reports whether the column follows a row that changes, and which columns
// must have changed for it; nil where that does not matter. A volatile value,
// like one of random(), may be what the row has by chance: worked out again, it
// would be a new one, for a change that has nothing to do with it.
func (in *Input) follows(ctx context.Context, t *Table) (follows bool, reads []string, err error) {
	if in.DB == nil {
		return true, nil, nil
	}
	var volatile bool
	err = in.onTypeProbe(ctx, in.Params["type"], func() error {
		tree, err := in.tree(ctx, in.Params["value"], t.As)
		if err == nil {
			volatile, err = in.volatile(ctx, tree)
		}
		return err
	})
	if err != nil || !volatile {
		return true, nil, badParam("value", in.Params["value"], err)
	}
	for n, c := range t.Columns {
		others := slices.DeleteFunc(slices.Clone(t.Columns), func(o Column) bool { return o.Name == t.Columns[n].Name })
		names := joinBy(others, ", ", func(o Column) string { return pgtext.Ident(o.Name) })
		err := in.compiles(ctx, "value", "SELECT "+in.Params["value"]+" FROM (SELECT "+names+" FROM "+t.As+") AS "+pgtext.Ident(t.Name))
		if m := (*Mistake)(nil); errors.As(err, &m) {
			reads = append(reads, c.Name)
		} else if err != nil {
			return false, nil, err
		}
	}
	in.Sayf("the value is volatile: a row that has one keeps it, unless a column changes that the value is of")
	return len(reads) > 0, reads, nil
}

// compareAs is "::text" for a type that has no equality of its own.
func (in *Input) compareAs(ctx context.Context, typ string) (string, error) {
	if in.DB == nil {
		return "::text", nil // every type has that
	}
	err := in.compiles(ctx, "type", "SELECT NULL"+cast(typ)+" IS DISTINCT FROM NULL"+cast(typ))
	if m := (*Mistake)(nil); errors.As(err, &m) {
		return "::text", nil
	}
	return "", err
}

// firstOf is the first error.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
