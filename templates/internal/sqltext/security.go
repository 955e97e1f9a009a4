package sqltext

import (
	"rung/internal/pgtext"
)

// Bypass is what can be done about row security that binds the owner too.
func Bypass(table string) string {
	return "Run it as a role with BYPASSRLS, or ALTER TABLE " + table + " NO FORCE ROW LEVEL SECURITY meanwhile."
}

func SeesAll(table, why, hint string) string {
	return `
-- ` + Control.ReplaceAllString(why, " ") + `
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
