package dependents

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/sqltext"
)

// Check is a CHECK that a second column needs too, with placeholders.
type Check struct {
	Table             string // as SQL
	Constraint, Fresh string
	// Definition is the definition as it is, forth that for the second column.
	Definition, Forth string
	Valid             bool
	Remark            string
	KeepsOut          []int
}

// Name, Def and Said are for the direct files.
func (k *Check) Name() string { return pgtext.Ident(k.Constraint) }

func (k *Check) Def() string { return k.Definition }

func (k *Check) Said() string { return sqltext.Statements(k.Comment(k.Constraint)) }

// What keeps a value out, as enum-retire leaves it behind, must not come to
// keep out the value that the other one becomes.

var keepsOut = lazyre.New(`^CHECK \((?:[^ "']+|"[^"]+") <> (?:ALL \(ARRAY\[)?('.*)\)$`)

// KeptOut are the values, by place, that a CHECK (with placeholders) keeps out of a
// column, if it does nothing else.
func (k *Snapshot) KeptOut(e *catalog.Enum, def string) (places []int) {
	found := keepsOut.FindStringSubmatch(strings.TrimSuffix(def, " NOT VALID"))
	if found == nil {
		return nil
	}
	for _, value := range strings.Split(strings.TrimSuffix(found[1], "])"), ", ") {
		at := slices.IndexFunc(k.Marks, func(mark string) bool { return value == "'"+mark+"'::"+e.Full })
		if at < 0 {
			return nil
		}
		places = append(places, at)
	}
	return places
}

func (k *Check) Comment(name string) []string {
	if k.Remark == "" {
		return nil
	}
	return []string{sqltext.Comment("CONSTRAINT "+pgtext.Ident(name)+" ON "+k.Table, k.Remark)}
}
