package enum

import (
	"context"
	"fmt"
	"slices"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// typeSays makes sure that the type can take the place of the column's CHECKs.
// A list of what is allowed is replaced by the enum values, which the parameters name.
// Any other CHECK must keep nothing out that the type lets in.
func (col *textColumn) typeSays(ctx context.Context, db *catalog.Catalog, c *Change) error {
	for i, condition := range col.conditions {
		refused, err := col.refused(ctx, db, condition, c)
		if err != nil {
			return err
		}
		isList := refused[noValue]
		delete(refused, noValue)
		name, table := col.Checks[i].From, col.T.As
		switch {
		case refused[null] && !col.notNull:
			return mistake.New(fmt.Sprintf("CHECK %s of %s keeps NULL out, which the type would let in", name, table), "make the column NOT NULL before, or drop the CHECK in a migration of its own")
		case isList:
			continue
		}
		for _, l := range c.New {
			if refused[l] {
				return mistake.New(fmt.Sprintf("CHECK %s of %s refuses %s, which would be an enum value", name, table, sqltext.EnumValue(l)), "leave it out of values, or drop the CHECK in a migration of its own")
			}
		}
	}
	return nil
}

// What a CHECK is asked beside the values: a text that nobody would list, and NULL.
const (
	noValue = "\x01 no label"
	null    = "\x02"
)

// refused are the texts that a CHECK's condition is false for. A value stands
// for the texts that become it too.
func (col *textColumn) refused(ctx context.Context, db *catalog.Catalog, condition string, c *Change) (map[string]bool, error) {
	q := fmt.Sprintf(`SELECT given.text FROM unnest($1::text[]) AS given(text),
		LATERAL (SELECT nullif(given.text, %s)::%s AS %s) AS given_row WHERE NOT (%s)`, pgtext.Literal(null), col.bare(), col.Column, condition)
	texts, err := db.Strings(ctx, q, pq.StringArray(slices.Concat([]string{noValue, null}, c.New, c.Old)))
	if err != nil {
		return nil, fmt.Errorf("ask CHECK %s: %w", condition, err)
	}
	refused := map[string]bool{}
	for _, t := range texts {
		refused[t] = true
	}
	for from, to := range c.To {
		if !slices.Contains(texts, from) {
			delete(refused, to)
		}
	}
	return refused, nil
}

// textsDoubled stops the file where texts become one value and rows would share
// a unique key. The type is there by then: here it is tried with one that is not kept.
func textsDoubled(ctx context.Context, in *task.Input, col *textColumn, typ *catalog.Enum, made bool, c *Change) (look string, err error) {
	if !c.Merged {
		return "", nil
	}
	indexes, _, err := uniqueIndexes(ctx, in.DB, c.Enum, col.T.OID, col.name)
	if err != nil {
		return "", err
	}
	look = doubled("texts", indexes, asIf{
		is:     func(sql string) string { return sql },
		will:   col.asValues(c, typ.Full).in,
		column: func(name string, _ bool) string { return caseOf(name+"::text", c.renames(), typ.Full) },
	})
	return look, in.DB.RolledBack(ctx, func() error {
		if made {
			if err := in.DB.ExecTrusted(ctx, c.makes(typ)); err != nil {
				return fmt.Errorf("try the unique indexes with the type: %w", err)
			}
		}
		return in.DB.NoneStuck(ctx, look, "decide which of the rows stay, in a migration before")
	})
}
