package templates

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// table looks up the parameter `table`. Offline it is what its name tells.
func (in *Input) table(ctx context.Context) (*Table, error) {
	return in.tableOf(ctx, "table")
}

// tableOf looks up the table that a parameter names.
func (in *Input) tableOf(ctx context.Context, param string) (*Table, error) {
	if in.DB != nil {
		return in.DB.Table(ctx, in.Params[param])
	}
	names, ok := splitName(in.Params[param])
	if !ok {
		return nil, &Mistake{fmt.Sprintf("%s=%s is no name of a table", param, in.Params[param]), "write it as SQL does: users, app.users, \"Users\""}
	}
	t := &Table{As: joinBy(names, ".", pgtext.Ident), Name: names[len(names)-1], Owned: true, offline: true}
	if len(names) > 1 {
		t.Schema = names[len(names)-2]
	}
	return t, nil
}

// mustLook refuses --offline where nothing can be said without the schema.
func (in *Input) mustLook() error {
	if in.DB == nil {
		return &Mistake{"this template must look at the schema", "leave --offline out"}
	}
	return nil
}

// flag reads a parameter that is true or false, and false when it is not given.
func (in *Input) flag(name string) (bool, error) {
	switch v := in.Params[name]; v {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, &Mistake{fmt.Sprintf("%s=%s is neither true nor false", name, v), "write --set " + name + "=true"}
	}
}

// oneOf reads a parameter that is one of some words; the first when it is not given.
func (in *Input) oneOf(name string, words ...string) (string, error) {
	v := in.Params[name]
	if v == "" {
		return words[0], nil
	}
	if !slices.Contains(words, v) {
		return "", unknown("value of "+name, v, words)
	}
	return v, nil
}

// compiles asks the server whether a query built from a parameter is SQL that
// fits the schema. Nothing is run, and nothing planned: to plan is to compute what is
// constant, by functions that anybody may have made. Only a throwaway server plans.
func (in *Input) compiles(ctx context.Context, param, query string) error {
	if in.DB == nil {
		return nil
	}
	if !in.DB.Throwaway {
		return badParam(param, in.Params[param], in.DB.parses(ctx, query))
	}
	return badParam(param, in.Params[param], in.DB.one(ctx, "EXPLAIN "+query))
}

// one runs what is one statement, whatever a parameter in it says behind a semicolon.
func (c *Catalog) one(ctx context.Context, statement string) error {
	if err := c.parses(ctx, statement); err != nil {
		return err
	}
	return c.exec(ctx, statement)
}

// badParam makes the server's complaint about a parameter a Mistake.
func badParam(param, value string, err error) error {
	e := pq.As(err)
	switch {
	case errors.Is(err, errParameters):
		return refusef("%s=%s: there is no parameter $1", param, value)
	case e == nil:
		return err
	}
	if strings.HasPrefix(e.Message, "cannot execute CREATE TABLE") {
		return &Mistake{"the database is read-only, and the template tries its SQL on a temporary table", "look at the primary, not at a standby"}
	}
	if strings.HasPrefix(e.Message, "cannot insert multiple commands") {
		return &Mistake{fmt.Sprintf("%s=%s ends its statement", param, value), "leave out the semicolon and what follows it"}
	}
	if m := near.FindStringSubmatch(e.Message); m != nil && (m[1] != "syntax error" || m[2] == "" || !strings.Contains(value, m[2])) {
		// What it stopped at is the template's and not the user's.
		return &Mistake{fmt.Sprintf("%s=%s does not end: %s", param, value, m[1]), "look for a parenthesis, a quote or a word that is missing"}
	}
	return &Mistake{fmt.Sprintf("%s=%s: %s", param, value, e.Message), e.Hint}
}

var near = regexp.MustCompile(`(?s)^(syntax error|unterminated .*?)(?: at end of input| at or near "(.*)")$`)

// typeOf checks that a parameter names a type.
func (in *Input) typeOf(ctx context.Context, param string) error {
	if in.DB == nil {
		return nil
	}
	var known bool
	err := in.DB.usualRow(ctx, "SELECT pg_catalog.to_regtype($1) IS NOT NULL", in.Params[param]).Scan(&known)
	if err != nil {
		return badParam(param, in.Params[param], err)
	}
	if !known {
		path, err := in.DB.usualPath(ctx)
		if err != nil {
			return err
		}
		rows, err := in.DB.strings(ctx, `
SELECT CASE WHEN n.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE pg_catalog.quote_ident(t.typname) END
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.typtype IN ('b', 'd', 'e', 'r') AND t.typcategory <> 'A' AND n.nspname = ANY (ARRAY['pg_catalog'::name] || $1::name[]) ORDER BY 1`, pq.Array(path))
		if err != nil {
			return err
		}
		return unknown("type", in.Params[param], rows)
	}
	return nil
}

// strings are the rows of a query of one column.
func (c *Catalog) strings(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := c.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// free refuses a name beside the table that a relation, a type or a function has.
func (in *Input) free(ctx context.Context, t *Table, names ...string) error {
	if in.DB == nil {
		return nil
	}
	taken, err := in.DB.strings(ctx, `
SELECT relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND relname = ANY ($2)
 UNION
SELECT proname FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname = $1 AND proname = ANY ($2)
 UNION
SELECT typname FROM pg_catalog.pg_type AS y JOIN pg_catalog.pg_namespace AS n ON n.oid = y.typnamespace
 WHERE n.nspname = $1 AND typname = ANY ($2)`, t.Schema, pq.Array(names))
	if err != nil || len(taken) == 0 {
		return err
	}
	return &Mistake{fmt.Sprintf("the name %s is taken", t.Beside(taken[0])), "rename what has it, or drop it if an earlier migration left it"}
}

// freeTrigger refuses a name that a trigger of the table has.
func (in *Input) freeTrigger(ctx context.Context, t *Table, names ...string) error {
	if in.DB == nil {
		return nil
	}
	taken, err := in.DB.strings(ctx, "SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = $1 AND tgname = ANY ($2)", t.OID, pq.Array(names))
	if err != nil || len(taken) == 0 {
		return err
	}
	return &Mistake{fmt.Sprintf("%s has a trigger %s already", t.As, pgtext.Ident(taken[0])), "rename it, or drop it if an earlier migration left it"}
}

// freeConstraint refuses a name that a constraint of the table has.
func (in *Input) freeConstraint(ctx context.Context, t *Table, name string) error {
	if in.DB == nil {
		return nil
	}
	taken, err := in.DB.strings(ctx, "SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = $1 AND conname = $2", t.OID, name)
	if err != nil || len(taken) == 0 {
		return err
	}
	return &Mistake{fmt.Sprintf("%s has a constraint %s already", t.As, pgtext.Ident(name)), ""}
}

// freeColumn refuses the name of a column that is there.
func (t *Table) freeColumn(name string) error {
	if slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name }) {
		return refusef("%s has a column %s already", t.As, pgtext.Ident(name))
	}
	if len(name) > 2 && strings.HasPrefix(name, `"`) && strings.HasSuffix(name, `"`) {
		return &Mistake{fmt.Sprintf("the column %s would have the quotes in its name", name), "leave them out: this name is taken as it is"}
	}
	if len(name) > 63 || name == "" {
		return refusef("%q is no name of a column: it has 1 to 63 bytes", name)
	}
	return nil
}

// keyFrom takes over the columns that a person gave as the key.
func (t *Table) keyFrom(list string) error {
	if list == "" {
		return nil
	}
	t.Key = nil
	for _, part := range pgtext.SplitOutsideQuotes(list, ",") {
		names, ok := splitName(part)
		if !ok || len(names) != 1 {
			return &Mistake{fmt.Sprintf("key=%s is not one or two columns", list), "write --set key=id"}
		}
		c, err := t.Column(names[0])
		if err != nil {
			return err
		}
		if !c.NotNull && !t.offline {
			return &Mistake{fmt.Sprintf("key=%s: %s may be NULL, and batches would not reach such rows", list, pgtext.Ident(c.Name)), "name columns that are NOT NULL, best the primary key"}
		}
		t.Key = append(t.Key, names[0])
	}
	return nil
}

// tellsApart refuses a key that a person gave and several rows may have.
func (in *Input) tellsApart(ctx context.Context, t *Table) error {
	if in.DB == nil || in.Params["key"] == "" {
		return nil
	}
	if ok, err := in.referable(ctx, t, t.Key); err != nil || ok {
		return err
	}
	return &Mistake{fmt.Sprintf("key=%s: %s has no unique index over %s", in.Params["key"], t.As, t.KeyList()), "name other columns, best the primary key"}
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
	if names, ok := splitName(t.As); t.Elsewhere || ok && len(names) > 1 {
		return pgtext.Ident(t.Schema) + "." + pgtext.Ident(name)
	}
	return pgtext.Ident(name)
}

// On compares the table's key under two aliases.
func (t *Table) On(a, b string) string {
	return joinBy(t.Key, " AND ", func(c string) string { return a + "." + pgtext.Ident(c) + " = " + b + "." + pgtext.Ident(c) })
}

// Row names a row in messages.
func (t *Table) Row(alias string) string {
	if alias != "" {
		alias += "."
	}
	if len(t.Key) == 0 {
		return "'row at ' || " + alias + "ctid"
	}
	text := join(t.Key, func(c string) string { return strings.ReplaceAll(c, "%", "%%") + " %s" })
	return "format(" + pgtext.Literal(text) + ", " + join(t.Key, func(c string) string { return alias + pgtext.Ident(c) }) + ")"
}

func joinBy[T any](all []T, by string, f func(T) string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = f(s)
	}
	return strings.Join(out, by)
}

// cast is "::type", or nothing for a type that is not known.
func cast(typ string) string {
	if typ == "" {
		return ""
	}
	return "::" + typ
}

// splitName reads a name as SQL writes it: parts with dots between, quotes
// undone, others folded to lower case.
func splitName(s string) (names []string, ok bool) {
	for _, part := range pgtext.SplitOutsideQuotes(s, ".") {
		part = strings.TrimSpace(part)
		quoted := len(part) > 2 && part[0] == '"' && part[len(part)-1] == '"'
		switch {
		case quoted:
			part = strings.ReplaceAll(part[1:len(part)-1], `""`, `"`)
		case part == "" || strings.ContainsAny(part, `"' ();,`):
			return nil, false
		default:
			part = pgtext.Fold(part)
		}
		names = append(names, part)
	}
	return names, len(names) > 0
}
