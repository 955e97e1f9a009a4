package shared

import (
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/sqltext"
)

// Proof is what one table must pass before the switch, in one scan.
type Proof struct {
	Table      string
	add, Check []string
	names      []string
	Comments   []string
}

// Want adds a constraint, and has it checked where it is valid.
func (p *Proof) Want(name, def string, valid bool) {
	p.names = append(p.names, pgtext.Ident(name))
	p.add = append(p.add, "ADD CONSTRAINT "+pgtext.Ident(name)+" "+strings.TrimSuffix(def, " NOT VALID")+" NOT VALID")
	if valid {
		p.Check = append(p.Check, "VALIDATE CONSTRAINT "+pgtext.Ident(name))
	}
}

// Make adds the proofs, and Prove makes them.
func (p Proof) Make() string { return sqltext.Statements(append([]string{p.Add()}, p.Comments...)) }

func (p Proof) Prove() string {
	if len(p.Check) == 0 {
		return ""
	}
	return p.Validate() + ";"
}

// Add adds them without a look at the rows; Validate looks.
func (p Proof) Add() string { return sqltext.AlterTable(p.Table, p.add) }

func (p Proof) Validate() string { return sqltext.AlterTable(p.Table, p.Check) }

// Drop takes them away, as far as up has come.
func (p Proof) Drop() string {
	return sqltext.Statements([]string{sqltext.AlterTable(p.Table, sqltext.Prefixed("DROP CONSTRAINT IF EXISTS ", p.names))})
}

// Ahead comes before a lock that keeps readers and writers out.
func (p Proof) Ahead() string { return sqltext.Ahead(p.Table) }
