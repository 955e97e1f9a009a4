package templates

import (
	"context"

	"rung/templates/internal/bigint"
	"rung/templates/internal/column"
	"rung/templates/internal/contract"
	"rung/templates/internal/enum"
	"rung/templates/internal/foreignkey"
	"rung/templates/internal/index"
	"rung/templates/internal/jsondoc"
	"rung/templates/internal/lists"
	"rung/templates/internal/oncitus"
	"rung/templates/internal/retype"
)

// analysis is what a built-in template does before its body is written: it analyzes the
// schema, or has one of several templates do it.
type analysis struct {
	// analyze turns parameters into the body's data, a struct, by what the schema says. It
	// reports what it found and what will be locked, in lines for a person.
	analyze func(ctx context.Context, in *Input) (data any, err error)
	// choose names the template that does it, and what that one works from.
	choose func(ctx context.Context, in *Input) (name string, chosen *Input, err error)
	// citus is what it does for the tables of a Citus cluster. One that says nothing is
	// refused there.
	citus oncitus.Answers
}

// ours reports whether the template is a built-in one.
func (a analysis) ours() bool { return a.analyze != nil || a.choose != nil }

// registry are the built-in templates. Parameters and body of each are in sql/NAME.sql,
// the bodies of its direct way, if it has one, in sql/direct/NAME.sql.
var registry = map[string]analysis{
	"add-column":      {analyze: column.Add, citus: oncitus.Fills("", "value")},
	"add-foreign-key": {analyze: foreignkey.Add, citus: oncitus.Works()},
	"add-index":       {analyze: index.Add, citus: oncitus.Works()},
	"backfill":        {analyze: column.Backfill, citus: oncitus.Fills("column", "value")},
	"bigint-key": {analyze: bigint.Widen, citus: oncitus.Refused(
		"the primary key cannot go over to another column there: ADD PRIMARY KEY USING INDEX, and the sequences on the workers, were not tried",
		"distribute the table anew with a bigint key: create it, INSERT … SELECT in batches by --template backfill, and change names")},
	"change-type": {analyze: retype.Change, citus: oncitus.Changes("column")},
	"contract":    {analyze: contract.Contract, citus: oncitus.Works()},
	"derived-column": {analyze: column.Derive, citus: oncitus.Refused(
		"its triggers lock rows of another table from within a shard, and each INSERT, UPDATE and DELETE of the application would fail with \"could not run distributed query with FOR UPDATE/SHARE commands\"",
		"add the column by --template add-column with null=true, have the application keep it, and fill it by --template backfill: UPDATE … FROM (SELECT … GROUP BY …) works")},
	"enum":     {choose: enum.Choose, citus: oncitus.Works()},
	"enum-add": {analyze: enum.Add, citus: oncitus.Works()},
	"enum-online": {analyze: enum.Online, citus: oncitus.Refused(
		"its fill reads the enum as text, and Citus refuses that: \"STABLE functions used in UPDATE queries cannot be called with column references\"",
		"--template enum-swap works there, in one transaction that rewrites the table; --template enum-to-text does away with the type")},
	"enum-rename": {analyze: enum.Rename, citus: oncitus.Works()},
	"enum-retire": {analyze: enum.Retire, citus: oncitus.Refused(
		"its trigger writes to a side table from within a shard, and its batches lock rows, which Citus refuses: \"could not run distributed query with FOR UPDATE/SHARE commands\"",
		"change the rows by --template backfill, and drop the value by --template enum-swap")},
	"enum-rolling": {analyze: enum.Rolling, citus: oncitus.Refused(
		"its fill reads the enum as text, and Citus refuses that: \"STABLE functions used in UPDATE queries cannot be called with column references\"",
		"add the new value by --template enum-add, have the application write it, change the rows by --template backfill, and drop the old value by --template enum-swap")},
	"enum-swap":    {analyze: enum.Swap, citus: oncitus.Works()},
	"enum-to-text": {analyze: enum.ToText, citus: oncitus.Works()},
	"json-rename-key": {analyze: jsondoc.RenameKey, citus: oncitus.Refused(
		"its batches lock rows, and Citus refuses that: \"could not run distributed query with FOR UPDATE/SHARE commands\"",
		"have the application read both keys, and rename in a batch of your own: UPDATE … SET doc = jsonb_set(doc - 'old', '{new}', doc -> 'old') WHERE doc ? 'old' AND NOT doc ? 'new'")},
	"json-split": {analyze: jsondoc.Split, citus: oncitus.Changes("column")},
	"list-to-table": {analyze: lists.ToTable, citus: oncitus.Refused(
		"its trigger writes to other tables from within a shard, as that of derived-column does",
		"create and distribute both tables beside the first one, have the application write them, and fill them by a batch of INSERT … SELECT between colocated tables")},
	"set-not-null": {analyze: column.SetNotNull, citus: oncitus.Changes("column")},
	"soft-delete":  {analyze: column.SoftDelete, citus: oncitus.Changes("column")},
	"text-to-enum": {analyze: enum.FromText, citus: oncitus.Changes("column")},
}
