package retype

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// steady refuses a conversion whose result hangs on the session: the trigger
// runs in the application's sessions and the batches in rung's, and where their
// TimeZone or DateStyle differ, equal values would become different ones.
func (c *conversion) steady(ctx context.Context, in *task.Input, param, typ, expression, from string) error {
	why, err := ensure.Unsteady(ctx, in, typ, expression, from)
	if err != nil || why == "" {
		return err
	}
	says := fmt.Sprintf("%s becomes %s by %s", pgtext.Ident(c.col.Name), typ, expression)
	if in.Params[param] != "" {
		says = fmt.Sprintf("%s=%s", param, expression)
	}
	hint, err := c.sayHow(ctx, in)
	if err != nil {
		return err
	}
	return mistake.New(
		fmt.Sprintf("%s: %s depends on the session, as by its TimeZone or DateStyle, and the trigger converts in other sessions than the batches", says, why), hint,
	)
}

// sayHow is an example of how to convert so that every session does the same.
func (c *conversion) sayHow(ctx context.Context, in *task.Input) (string, error) {
	var from, to string
	err := in.DB.UsualRow(ctx, catalog.SQL("find_types"), c.col.Type, c.typ).Scan(&from, &to)
	if err != nil {
		return "", err
	}
	name := pgtext.Ident(c.col.Name)
	forth, back := sameEverywhere(name, from, to), sameEverywhere(name, to, from)
	if forth == "" || back == "" {
		return "say how by --set value=… and back=…, with functions of yours that are IMMUTABLE", nil
	}
	return fmt.Sprintf(`say how, for example by --set "value=%s" --set "back=%s"; a function of yours does too if it is IMMUTABLE`, forth, back), nil
}

// sameEverywhere converts a time by what no setting touches; "" where there is
// no such way.
func sameEverywhere(name, from, to string) string {
	wall := map[string]string{
		"text": "(to_date(left(" + name + ", 10), 'YYYY-MM-DD') + substr(" + name + ", 12, 8)::time)",
		"date": name + "::timestamp", "timestamp without time zone": name,
		"timestamp with time zone": "(" + name + " AT TIME ZONE 'UTC')",
	}
	if from, to = asText(from), asText(to); wall[from] == "" {
		return ""
	}
	switch {
	case from == "text" && to == "date":
		return "to_date(" + name + ", 'YYYY-MM-DD')"
	case from == "date" && to == "text":
		return "to_char(" + name + "::timestamp, 'YYYY-MM-DD')"
	}
	switch to {
	case "text":
		return "to_char(" + wall[from] + ", 'YYYY-MM-DD HH24:MI:SS')"
	case "date":
		return wall[from] + "::date"
	case "timestamp without time zone":
		return strings.TrimSuffix(strings.TrimPrefix(wall[from], "("), ")")
	case "timestamp with time zone":
		return wall[from] + " AT TIME ZONE 'UTC'"
	}
	return ""
}

func asText(typ string) string {
	if typ == "character varying" || typ == "character" {
		return "text"
	}
	return typ
}
