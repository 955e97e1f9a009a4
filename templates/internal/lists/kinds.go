package lists

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
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
	if in.Params["quotes"] != "" && l.kind != "text" {
		return mistake.New("quotes are for a list in a text, and "+l.t.As+"."+pgtext.Ident(l.Col.Name)+" is "+l.Col.Type, "leave it out")
	}
	quotes, err := in.OneOf("quotes", "", "true", "false")
	if err != nil {
		return err
	}
	if l.quotes = quotes == "true"; l.quotes && strings.Contains(l.Separator, `"`) {
		return mistake.Refusef("a value cannot be in double quotes where the separator %s has one", l.Separator)
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

// quoted is a regular expression for a value in double quotes, blanks around it, up to what
// follows it; the inner one catches what is between the quotes.
func (l *Taken) quoted(inner, follows string) string {
	blank := "[" + l.blanks[len("E'"):len(l.blanks)-1] + "]*"
	return blank + `"` + inner + `"` + blank + "(?" + follows + sqltext.QuoteMeta([]string{l.Separator})[0] + "|$)"
}

// csv is a call that gives the values of a list with quotes. Each match is one value: the
// first group is what stands in quotes, the second one any other text. A quote that is
// not closed before a separator is a character like others.
func (l *Taken) csv(list string) string {
	separator := sqltext.QuoteMeta([]string{l.Separator})[0]
	pattern := "(?:^|" + separator + ")(?:" + l.quoted(`((?:[^"]|"")*)`, "=") + "|(?!" + l.quoted(`(?:[^"]|"")*`, ":") + ")((?:(?!" + separator + ").)*))"
	return `unnest(ARRAY(SELECT coalesce(replace(m.found[1], '""', '"'), m.found[2]) FROM regexp_matches(` + list + ", " + pgtext.Literal(pattern) + ", 'g') WITH ORDINALITY AS m (found, n) ORDER BY m.n))"
}

// mustTell refuses, where nothing is said of quotes, lists with a value in quotes that has a
// separator in it.
func (l *Taken) mustTell(ctx context.Context, in *task.Input) error {
	if l.kind != "text" || in.Params["quotes"] != "" || strings.Contains(l.Separator, `"`) {
		return nil
	}
	separator := sqltext.QuoteMeta([]string{l.Separator})[0]
	open := pgtext.Literal("(?:^|" + separator + `)\s*"(?:[^"]|"")*` + separator + `(?:[^"]|"")*"\s*(?:` + separator + "|$)")
	found, err := in.DB.Strings(ctx, "SELECT left("+pgtext.Ident(l.Col.Name)+", 60) FROM "+l.t.Full()+" WHERE strpos("+pgtext.Ident(l.Col.Name)+`, '"') > 0 AND `+pgtext.Ident(l.Col.Name)+" ~ "+open+" LIMIT 1")
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.New(fmt.Sprintf("%s.%s has a value in double quotes with the separator in it: %s", l.t.As, pgtext.Ident(l.Col.Name), found[0]),
		"--set quotes=true takes it as one value, as CSV does; --set quotes=false takes it apart, quotes and all")
}

// Items is the set of values of a list, as a call that may stand in FROM.
func (l *Taken) Items(list string) string {
	switch l.kind {
	case "text[]":
		return "unnest(" + list + ")"
	case "jsonb":
		return "jsonb_array_elements_text(CASE jsonb_typeof(" + list + ") WHEN 'array' THEN " + list + " END)"
	}
	if l.quotes {
		return l.csv(list)
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

// again is the aggregate that makes a list of the values of links, each as a word at a
// position.
func (l *Taken) again(word, position string) string {
	switch l.kind {
	case "text[]":
		return "array_agg(" + word + " ORDER BY " + position + ")"
	case "jsonb":
		return "jsonb_agg(" + word + " ORDER BY " + position + ")"
	}
	if l.quotes {
		word = "CASE WHEN strpos(" + word + ", " + pgtext.Literal(l.Separator) + ") > 0 OR strpos(" + word + `, '"') > 0 THEN '"' || replace(` + word + `, '"', '""') || '"' ELSE ` + word + " END"
	}
	return "string_agg(" + word + ", " + pgtext.Literal(l.Separator) + " ORDER BY " + position + ")"
}

// empty is a list without a value.
func (l *Taken) empty() string {
	return map[string]string{"text": "''", "text[]": "'{}'", "jsonb": "'[]'"}[l.kind]
}
