package runner

import (
	"context"
	"database/sql"
	"fmt"

	"rung/internal/pgtext"
	"rung/runner/internal/pgconn"
)

// The history tables run code: a trigger, a rule, a default of theirs runs as
// the role that migrates, and what they keep is run by `down`. Whoever could
// create the schema before rung did, or was granted too much on it, would be
// that role. So before anything of them is read they must be ordinary tables of
// a role that is trusted anyway, without anything on them that is not rung's or
// PostgreSQL's own (sql/foreign.sql).

// gate is how closely they are looked at before they are read.
type gate string

const (
	// atGlance is for the read before anything is known to be pending: it costs
	// next to nothing, sees all that reading could run, and where it is in doubt
	// the whole list is asked for.
	atGlance gate = "foreign_gate"
	// whole is for what shows the history or works on it.
	whole gate = "foreign_all"
	// knownOwn is for reading again once the list was empty.
	knownOwn gate = ""
)

func (g gate) sql(b book) string {
	if g == knownOwn {
		return "SELECT 0 WHERE false;\n"
	}
	return b.sql(string(g), nil)
}

// refuseForeign says what of the history tables is not as rung makes them, if
// anything is.
func (b book) refuseForeign(ctx context.Context, s *pgconn.Session) error {
	if err := s.Exec(ctx, "ROLLBACK"); err != nil {
		return lostIs(err)
	}
	var found []Finding
	err := s.Query(ctx, b.sql("foreign_list", nil), func(rows *sql.Rows) error {
		var what, owner string
		err := rows.Scan(&what, &owner)
		found = append(found, foreignFinding(b, what, owner))
		return err
	})
	if err != nil {
		return lostIs(err)
	}
	if len(found) == 0 {
		return nil
	}
	return &Disagreement{Findings: found}
}

// foreignFinding is one of them: something that rung did not make, or an owner.
func foreignFinding(b book, what, owner string) Finding {
	f := Finding{
		Kind: Foreign, What: what + ", which rung did not create and which may run another role's code as this one, so rung read and ran nothing",
		Fix: "find out who created it, and drop it; or name another --history-schema",
	}
	if owner != "" {
		f.What = what + ", who could run code as this role through them, so rung read and ran nothing"
		f.Fix = fmt.Sprintf("if you trust %s, work as it with --role %s, or make this role the owner; if not, drop schema %s, or name another --history-schema", pgtext.Ident(owner), pgtext.Ident(owner), pgtext.Ident(b.schema))
	}
	return f
}
