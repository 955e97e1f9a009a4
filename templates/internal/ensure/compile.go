// Package ensure asks the server whether what a template is about to write will work
// there: names are free, expressions fit, keys order.
package ensure

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// CompareAs is "::text" for a type that has no equality of its own.
func CompareAs(ctx context.Context, in *task.Input, typ string) (string, error) {
	if in.DB == nil {
		return "::text", nil // every type has that
	}
	err := Compiles(ctx, in, "type", "SELECT NULL"+sqltext.Cast(typ)+" IS DISTINCT FROM NULL"+sqltext.Cast(typ))
	if m := (*mistake.Mistake)(nil); errors.As(err, &m) {
		return "::text", nil
	}
	return "", err
}

// Compiles asks the server whether a query built from a parameter is SQL that
// fits the schema. Nothing is run, and nothing planned: to plan is to compute what is
// constant, by functions that anybody may have made. Only a throwaway server plans.
func Compiles(ctx context.Context, in *task.Input, param, query string) error {
	if in.DB == nil {
		return nil
	}
	if !in.DB.Throwaway {
		return BadParam(param, in.Params[param], in.DB.Parses(ctx, query))
	}
	return BadParam(param, in.Params[param], in.DB.One(ctx, "EXPLAIN "+query))
}

// BadParam makes the server's complaint about a parameter a Mistake.
func BadParam(param, value string, err error) error {
	e := pq.As(err)
	switch {
	case errors.Is(err, catalog.ErrParameters):
		return mistake.Refusef("%s=%s: there is no parameter $1", param, value)
	case e == nil:
		return err
	}
	if strings.HasPrefix(e.Message, "cannot execute CREATE TABLE") {
		return mistake.New("the database is read-only, and the template tries its SQL on a temporary table", "look at the primary, not at a standby")
	}
	if strings.HasPrefix(e.Message, "cannot insert multiple commands") {
		return mistake.New(fmt.Sprintf("%s=%s ends its statement", param, value), "leave out the semicolon and what follows it")
	}
	if m := near.FindStringSubmatch(e.Message); m != nil && (m[1] != "syntax error" || m[2] == "" || !strings.Contains(value, m[2])) {
		// What it stopped at is the template's and not the user's.
		return mistake.New(fmt.Sprintf("%s=%s does not end: %s", param, value, m[1]), "look for a parenthesis, a quote or a word that is missing")
	}
	return mistake.New(fmt.Sprintf("%s=%s: %s", param, value, e.Message), e.Hint)
}

var near = lazyre.New(`(?s)^(syntax error|unterminated .*?)(?: at end of input| at or near "(.*)")$`)

// IsType checks that a parameter names a type.
func IsType(ctx context.Context, in *task.Input, param string) error {
	if in.DB == nil {
		return nil
	}
	var known bool
	err := in.DB.UsualRow(ctx, catalog.SQL("type_exists"), in.Params[param]).Scan(&known)
	if err != nil {
		return BadParam(param, in.Params[param], err)
	}
	if !known {
		path, err := in.DB.UsualPath(ctx)
		if err != nil {
			return err
		}
		rows, err := in.DB.Strings(ctx, catalog.SQL("type_names"), pq.Array(path))
		if err != nil {
			return err
		}
		return mistake.Unknown("type", in.Params[param], rows)
	}
	return nil
}
