package catalog

import (
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

// InBatch is the condition that bounds a statement to a batch. Alias is what
// the statement calls the table, or "".
func (t *Table) InBatch(alias string) string {
	if alias != "" {
		alias += "."
	}
	columns := sqltext.Join(t.Key, func(c string) string { return alias + pgtext.Ident(c) })
	if len(t.Key) == 2 {
		return "(" + columns + ") BETWEEN ($1, $2) AND ($3, $4)"
	}
	return columns + " BETWEEN $1 AND $2"
}

// KeyList are the key's columns as SQL.
func (t *Table) KeyList() string { return sqltext.Join(t.Key, pgtext.Ident) }

// SeesAll is what comes before batches and checks on a table whose row security
// binds its owner too: rows that a policy hides would be passed over without a
// word. The role that will run it is known only then.
func (t *Table) SeesAll() string {
	if !t.Forced {
		return ""
	}
	return sqltext.SeesAll(t.As, "Row security binds the owner of "+t.As+" too: what it hides would be passed over.", sqltext.Bypass(t.As))
}

// SeesAllOf is SeesAll for a table that the role need not own.
func (t *Table) SeesAllOf() string {
	if t.Forced || !t.Secured {
		return t.SeesAll()
	}
	return sqltext.SeesAll(t.As, "Row security binds all but the owner of "+t.As+": what it hides would be passed over.",
		"Run it as the owner of "+t.As+", or as a role with BYPASSRLS.")
}

// Full is the table's name with its schema, for the bodies of functions: those
// run under whatever search_path the application has.
func (t *Table) Full() string {
	if t.Schema == "" {
		return t.As
	}
	return pgtext.Ident(t.Schema) + "." + pgtext.Ident(t.Name)
}

// Own is the table without those that inherit from it, for what is of its own
// rows only: its keys and indexes.
func (t *Table) Own() string {
	if t.HasChildren {
		return "ONLY " + t.As
	}
	return t.As
}

// Beside is the name of something in the table's schema, qualified where the
// person qualified the table, or where it would come into another schema.
func (t *Table) Beside(name string) string {
	if names, ok := words.SplitName(t.As); t.Elsewhere || ok && len(names) > 1 {
		return pgtext.Ident(t.Schema) + "." + pgtext.Ident(name)
	}
	return pgtext.Ident(name)
}

// On compares the table's key under two aliases.
func (t *Table) On(a, b string) string {
	return sqltext.JoinBy(t.Key, " AND ", func(c string) string { return a + "." + pgtext.Ident(c) + " = " + b + "." + pgtext.Ident(c) })
}

// Row names a row in messages.
func (t *Table) Row(alias string) string {
	if alias != "" {
		alias += "."
	}
	if len(t.Key) == 0 {
		return "'row at ' || " + alias + "ctid"
	}
	text := sqltext.Join(t.Key, func(c string) string { return strings.ReplaceAll(c, "%", "%%") + " %s" })
	return "format(" + pgtext.Literal(text) + ", " + sqltext.Join(t.Key, func(c string) string { return alias + pgtext.Ident(c) }) + ")"
}
