package templates

import (
	"text/template"

	"rung/internal/pgtext"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

// functions are what a template's body may call.
var functions = template.FuncMap{
	"ident":   pgtext.Ident,
	"literal": pgtext.Literal,
	"idents":  func(names []string) string { return sqltext.Join(names, pgtext.Ident) },
	"fields": func(of string, names []string) string {
		return sqltext.Join(names, func(c string) string { return of + "." + pgtext.Ident(c) })
	},
	"list":       func(values []string) string { return sqltext.Join(values, pgtext.Literal) },
	"split":      words.SplitList,
	"indent":     sqltext.Indent,
	"enumvalue":  sqltext.EnumValue,
	"enumvalues": func(all []string) string { return sqltext.Join(all, sqltext.EnumValue) },
}
