package shared

import (
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/sqltext"
)

// Gone are the columns of a table that a contract drops, and what goes with them:
// anything else that uses them stops it.
type Gone struct {
	Table, Full string
	Partitioned bool
	Columns     []string
	// Indexes are those that are there for the columns alone.
	Indexes []string
	// Triggers and Functions go too; a function is as SQL.
	Triggers  []string
	Functions []string
}

// Pattern finds a column's name in the text of a function.
func (g Gone) Pattern() string {
	return `\m(` + strings.Join(sqltext.QuoteMeta(g.Columns), "|") + `)\M`
}

// Names are the columns for a person.
func (g Gone) Names() string {
	return sqltext.JoinBy(g.Columns, ", ", func(c string) string { return g.Table + "." + pgtext.Ident(c) })
}
