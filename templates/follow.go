package templates

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

// MayFollow refuses a table where a trigger for each row would not see all
// writes, or that cannot have a column of its own.
func (t *Table) MayFollow() error {
	switch {
	case t.Partition:
		return &Mistake{t.As + " is a partition", "name the table that it is a partition of"}
	case t.HasChildren:
		return refusef("other tables inherit from %s: the triggers that keep new and changed rows right would not fire for theirs", t.As)
	}
	return t.MayAlter()
}

// lastToFire is a trigger's name behind those of the table's other triggers,
// which may change what it must follow.
func (in *Input) lastToFire(ctx context.Context, t *Table, name string) (string, error) {
	if in.DB == nil {
		return name, nil
	}
	others, err := in.DB.strings(ctx, enumSQL("firing"), t.OID)
	if err != nil || len(others) == 0 {
		return name, err
	}
	last, at := others[len(others)-1], strings.LastIndexByte(name, '_')
	for _, prefix := range []string{"", "zz_", "~"} {
		if try := Name(prefix+name[:at], name[at+1:]); try > last {
			return try, nil
		}
	}
	return "", &Mistake{fmt.Sprintf("trigger %s of %s fires after any that could be added", pgtext.Ident(last), t.As), "give it a name from further up in the alphabet"}
}

// sayFired names the table's own triggers that the batches fire.
func (in *Input) sayFired(ctx context.Context, t *Table, column string) error {
	if in.DB == nil {
		return nil
	}
	fired, err := in.DB.strings(ctx, enumSQL("fired"), t.OID, column)
	if err == nil && len(fired) > 0 {
		in.Sayf("filling the rows fires triggers of the table, for each row that is changed: %s", strings.Join(fired, ", "))
	}
	return err
}

// ownersPath is the search_path for a function that runs with the rights of its
// owner: the one in force, each schema by its name, since "$user" would be
// another one then. What it does not name is searched first, and that would be
// pg_temp, where anybody can put a table in the place of the owner's.
func (in *Input) ownersPath(ctx context.Context) (string, error) {
	path, err := in.DB.usualPath(ctx)
	if len(path) == 0 {
		path = []string{"pg_catalog"}
	}
	return join(append(path, "pg_temp"), pgtext.Ident), err
}

// SeesAll is what comes before batches and checks on a table whose row security
// binds its owner too: rows that a policy hides would be passed over without a
// word. The role that will run it is known only then.
func (t *Table) SeesAll() string {
	if !t.Forced {
		return ""
	}
	return seesAll(t.As, "Row security binds the owner of "+t.As+" too: what it hides would be passed over.", bypass(t.As))
}

// bypass is what can be done about row security that binds the owner too.
func bypass(table string) string {
	return "Run it as a role with BYPASSRLS, or ALTER TABLE " + table + " NO FORCE ROW LEVEL SECURITY meanwhile."
}

// SeesAllOf is SeesAll for a table that the role need not own.
func (t *Table) SeesAllOf() string {
	if t.Forced || !t.Secured {
		return t.SeesAll()
	}
	return seesAll(t.As, "Row security binds all but the owner of "+t.As+": what it hides would be passed over.",
		"Run it as the owner of "+t.As+", or as a role with BYPASSRLS.")
}

func seesAll(table, why, hint string) string {
	return `
-- ` + control.ReplaceAllString(why, " ") + `
DO $check$
BEGIN
    IF row_security_active(` + pgtext.Literal(table) + `) THEN
        RAISE EXCEPTION USING
            MESSAGE = ` + pgtext.Literal("row security hides rows of "+table+" from ") + ` || current_user,
            HINT = ` + pgtext.Literal(hint) + `;
    END IF;
END
$check$;
`
}
