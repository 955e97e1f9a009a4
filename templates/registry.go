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
}

// ours reports whether the template is a built-in one.
func (a analysis) ours() bool { return a.analyze != nil || a.choose != nil }

// registry are the built-in templates. Parameters and body of each are in sql/NAME.sql,
// the bodies of its direct way, if it has one, in sql/direct/NAME.sql.
var registry = map[string]analysis{
	"add-column":      {analyze: column.Add},
	"add-foreign-key": {analyze: foreignkey.Add},
	"add-index":       {analyze: index.Add},
	"backfill":        {analyze: column.Backfill},
	"bigint-key":      {analyze: bigint.Widen},
	"change-type":     {analyze: retype.Change},
	"contract":        {analyze: contract.Contract},
	"derived-column":  {analyze: column.Derive},
	"enum":            {choose: enum.Choose},
	"enum-add":        {analyze: enum.Add},
	"enum-online":     {analyze: enum.Online},
	"enum-rename":     {analyze: enum.Rename},
	"enum-retire":     {analyze: enum.Retire},
	"enum-rolling":    {analyze: enum.Rolling},
	"enum-swap":       {analyze: enum.Swap},
	"enum-to-text":    {analyze: enum.ToText},
	"json-rename-key": {analyze: jsondoc.RenameKey},
	"json-split":      {analyze: jsondoc.Split},
	"list-to-table":   {analyze: lists.ToTable},
	"set-not-null":    {analyze: column.SetNotNull},
	"soft-delete":     {analyze: column.SoftDelete},
	"text-to-enum":    {analyze: enum.FromText},
}
