package lists

import (
	"context"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// A list is a text with values between separators, an array, or a jsonb array: here is
// how each is taken apart and put together again.

// shape finds out what kind of list the column has, and how its values are told apart.
func (l *Taken) shape(ctx context.Context, in *task.Input) error {
	switch typ := l.Col.Type; {
	case l.Col.Generated:
		return mistake.Refusef("%s.%s is a generated column", l.t.As, pgtext.Ident(l.Col.Name))
	case typ == "text" || strings.HasPrefix(typ, "character varying") && !strings.HasSuffix(typ, "[]"):
		l.kind = "text"
	case typ == "text[]" || typ == "character varying[]":
		l.kind = "text[]"
	case typ == "jsonb":
		l.kind = "jsonb"
	default:
		return mistake.Refusef("%s.%s is %s, and neither text nor text[] nor jsonb", l.t.As, pgtext.Ident(l.Col.Name), typ)
	}
	if in.Params["separator"] != "" && l.kind != "text" {
		return mistake.New("separator is for a list in a text, and "+l.t.As+"."+pgtext.Ident(l.Col.Name)+" is "+l.Col.Type, "leave it out")
	}
	fold, err := in.OneOf("fold", "", "lower")
	if err != nil {
		return err
	}
	l.lower = fold == "lower"
	l.blanks = `E' \t\r\n'`
	var utf8 bool
	if err := in.DB.QueryRow(ctx, catalog.SQL("server_is_utf8")).Scan(&utf8); err != nil {
		return err
	}
	if utf8 { // others have no such characters
		l.blanks = `E' \t\r\n\u00A0\u200B\u200C\u200D\u2060\uFEFF'`
	}
	return nil
}

// Items is the set of values of a list, as a call that may stand in FROM.
func (l *Taken) Items(list string) string {
	switch l.kind {
	case "text[]":
		return "unnest(" + list + ")"
	case "jsonb":
		return "jsonb_array_elements_text(CASE jsonb_typeof(" + list + ") WHEN 'array' THEN " + list + " END)"
	}
	return "unnest(string_to_array(" + list + ", " + pgtext.Literal(l.Separator) + "))"
}

// Value is the name that an item of a list stands for.
func (l *Taken) Value(item string) string {
	name := "btrim(" + item + ", " + l.blanks + ")"
	if l.lower {
		name = "lower(" + name + ")"
	}
	return name
}

// written is the condition that a list has something in it.
func (l *Taken) written(list string) string {
	if l.kind == "text" {
		return list + " <> ''"
	}
	return list + " IS NOT NULL"
}

// again is the aggregate that makes a list of the values w of links k.
func (l *Taken) again() string {
	switch l.kind {
	case "text[]":
		return "array_agg(w.name ORDER BY k.position)"
	case "jsonb":
		return "jsonb_agg(w.name ORDER BY k.position)"
	}
	return "string_agg(w.name, " + pgtext.Literal(l.Separator) + " ORDER BY k.position)"
}

// empty is a list without a value.
func (l *Taken) empty() string {
	return map[string]string{"text": "''", "text[]": "'{}'", "jsonb": "'[]'"}[l.kind]
}
