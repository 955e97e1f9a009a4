package store

import (
	"context"
	"database/sql"
	"fmt"

	"rung/internal/pgtext"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// The history tables run code: a trigger, a rule, a default of theirs runs as
// the role that migrates, and what they keep is run by `down`. Whoever could
// create the schema before rung did, or was granted too much on it, would be
// that role. So before anything of them is read they must be ordinary tables of
// a role that is trusted anyway, without anything on them that is not rung's or
// PostgreSQL's own (sql/foreign.sql).

// Gate is how closely they are looked at before they are read.
type Gate string

const (
	// AtGlance is for the read before anything is known to be pending, of the tables
	// alone: it costs next to nothing, sees all that this could run, and where it is
	// in doubt the whole list is asked for.
	AtGlance Gate = "foreign_gate"
	// Whole is for what shows the history or works on it.
	Whole Gate = "foreign_all"
	// knownOwn is for reading again once the list was empty.
	knownOwn Gate = "foreign_known"
)

// refuseForeign says what of the history tables is not as rung makes them, if
// anything is.
func (b Book) refuseForeign(ctx context.Context, s *pgconn.Session) error {
	if err := s.Exec(ctx, "ROLLBACK"); err != nil {
		return pgconn.LostIs(err)
	}
	var found []plan.Finding
	owned := map[string]int{} // where in found what an owner has begins
	err := s.Query(ctx, b.SQL("foreign_list", nil), func(rows *sql.Rows) error {
		var what, owner string
		err := rows.Scan(&what, &owner)
		if i, ok := owned[owner]; ok && owner != "" {
			found[i] = foreignFinding(b, fmt.Sprintf("the history in schema %s belongs to role %s", pgtext.Ident(b.Schema), pgtext.Ident(owner)), owner)
			return err
		}
		owned[owner] = len(found)
		found = append(found, foreignFinding(b, what, owner))
		return err
	})
	if err != nil {
		return pgconn.LostIs(err)
	}
	if len(found) == 0 {
		return nil
	}
	return &plan.DisagreementError{Findings: found}
}

// foreignFinding is one of them: something that rung did not make, or an owner.
func foreignFinding(b Book, what, owner string) plan.Finding {
	f := plan.Finding{
		Kind: plan.Foreign, What: what + ", which rung did not create and which may run another role's code as this one, so rung read and ran nothing",
		Fix: "find out who created it, and drop it; or name another --history-schema",
	}
	if owner != "" {
		f.What = what + ", who could run code as this role through it, so rung read and ran nothing"
		f.Fix = fmt.Sprintf("if you trust %s, work as it with --role %s, or make this role the owner; if not, drop schema %s, or name another --history-schema", pgtext.Ident(owner), pgtext.Ident(owner), pgtext.Ident(b.Schema))
	}
	return f
}
