package enum

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// asText is what sql/enum-to-text.sql sees.
type asText struct {
	E        *catalog.Enum
	Up, Down *direction
	Checks   []valueCheck
}

// ToText makes texts of an enum's values.
func ToText(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	e, err := in.DB.Enum(ctx, in.Params["type"])
	if err != nil {
		return nil, err
	}
	if err := e.MayAlter(); err != nil {
		return nil, err
	}
	if len(e.Values) == 0 {
		return nil, mistake.Refusef("%s has no values, and a CHECK needs one", e.As)
	}
	c := &Change{Enum: e, Old: e.Values, New: e.Values}
	if err := c.Fill(nil); err != nil {
		return nil, err
	}
	s := &swap{Change: c}
	read := func(r *dependents.Reader) []func() error {
		return append(dependents.Everything(r), func() error { return s.mustNotSort(r, in) })
	}
	if err := s.look(ctx, in, "enum-to-text", read); err != nil {
		return nil, err
	}
	var name string // as PostgreSQL writes it
	if err := in.DB.QueryRow(ctx, catalog.SQL("quoted_name"), e.Schema, e.Name).Scan(&name); err != nil {
		return nil, err
	}
	toText := textCasts(name)
	if err := s.onlyConstants(toText, name); err != nil {
		return nil, err
	}
	touch, err := s.functions(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.report(ctx, in); err != nil {
		return nil, err
	}
	in.Sayf("text sorts alphabetically, not in the order of the enum values: check ORDER BY, <, min() and max() in programs and functions")
	if err := bodiesWithout(ctx, in, e); err != nil {
		return nil, err
	}
	w := s.between(s.Old, s.Old, s.backMap(), s.before)
	w.fill = func(sql string) string { return s.k.Fill(toText(sql), s.before) }
	w.typ = func(c catalog.EnumColumn) string { return strings.Replace(s.typeOf(c), e.Full, "text", 1) }
	w.using = func(c catalog.EnumColumn) string { return pgtext.Ident(c.Column) + "::" + w.typ(c) }
	up, down := s.direct(w), s.back()
	up.Touch, down.Touch = touch, touch
	checks, err := s.valueChecks(ctx, in)
	if err != nil {
		return nil, err
	}
	return asText{e, up, down, checks}, nil
}

// textCasts turns constants of a type into constants of text.
func textCasts(name string) func(string) string {
	cast := regexp.MustCompile(`'::` + regexp.QuoteMeta(name) + `((?:\[\])?)([^\w$."]|$)`)
	return func(sql string) string {
		for cast.MatchString(sql) { // again, since matches share the byte between them
			sql = cast.ReplaceAllString(sql, "'::text$1$2")
		}
		return sql
	}
}

// onlyConstants refuses definitions that use the type for more than constants.
func (s *swap) onlyConstants(toText func(string) string, name string) error {
	uses := regexp.MustCompile(`(^|[^\w$."])` + regexp.QuoteMeta(name) + `([^\w$."]|$)|\benum_(first|last|range)\(`)
	var found []string
	for _, p := range s.k.Pieces {
		if uses.MatchString(toText(strings.Join(p.Make, "\n"))) {
			found = append(found, p.What)
		}
	}
	for key, expr := range s.k.Defaults {
		if uses.MatchString(toText(expr)) {
			found = append(found, "the default of "+s.columnName(key))
		}
	}
	for _, c := range s.Enum.Columns {
		if c.Generated {
			found = append(found, "generated column "+c.String())
		}
	}
	if len(found) == 0 {
		return nil
	}
	return mistake.New("enum-to-text cannot say without the type: "+strings.Join(sqltext.Unique(found), ", "), "change these first, so that they name its values only as constants")
}

// valueCheck holds a column of text to the values.
type valueCheck struct{ Table, Name, Holds string }

// valueChecks hold columns to the values. An array may have NULLs and several
// dimensions besides, as it could before: array_replace keeps to that, and <@
// does not mind dimensions.
func (s *swap) valueChecks(ctx context.Context, in *task.Input) ([]valueCheck, error) {
	var all []valueCheck
	for _, c := range s.Enum.Columns {
		t, err := in.DB.Table(ctx, c.TableAs())
		if err != nil {
			return nil, err
		}
		name := sqltext.Name(c.Name, c.Column, "labels")
		if err := ensure.FreeConstraint(ctx, in, t, name); err != nil {
			return nil, err
		}
		holds := pgtext.Ident(c.Column) + " IN (" + sqltext.Join(s.Enum.Values, sqltext.EnumValue) + ")"
		if c.Array {
			holds = fmt.Sprintf("array_replace(%s, NULL, %s) <@ ARRAY[%s]", pgtext.Ident(c.Column), sqltext.EnumValue(s.Enum.Values[0]), sqltext.Join(s.Enum.Values, sqltext.EnumValue))
		}
		all = append(all, valueCheck{c.TableAs(), pgtext.Ident(name), holds})
	}
	return all, nil
}
