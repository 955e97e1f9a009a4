package shared

import (
	"strings"

	"rung/internal/pgtext"
)

// Proof is what one table must pass before the switch, in one scan.
type Proof struct {
	Table       string
	Constraints []Constraint
}

// Constraint is added NOT VALID, so that no row is looked at under the lock. Valid is
// true for one that the rows must pass; Comment is what COMMENT ON says of it.
type Constraint struct {
	Name, Definition string // as SQL
	Valid            bool
	Comment          string
}

// Want adds a constraint, and has it checked where it is valid.
func (p *Proof) Want(name, def string, valid bool, comment string) {
	p.Constraints = append(p.Constraints, Constraint{pgtext.Ident(name), strings.TrimSuffix(def, " NOT VALID"), valid, comment})
}

// Valid are the constraints that the rows must pass.
func (p Proof) Valid() (all []Constraint) {
	for _, c := range p.Constraints {
		if c.Valid {
			all = append(all, c)
		}
	}
	return all
}
