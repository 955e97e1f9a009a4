package oncitus

import (
	"fmt"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/internal/script"
	"rung/templates/internal/mistake"
)

// unfit are statements that Citus does not take for the tables of a cluster, whichever
// template writes them, and why: measured (docs/citus.md), or read in its sources
// (src/backend/distributed: commands/table.c, commands/rename.c, relay/relay_event_utility.c).
var unfit = []struct {
	has *lazyre.Regexp
	why string
}{
	{lazyre.New(`(?s)^(SELECT|INSERT|WITH)\b.*\bFOR (NO KEY )?UPDATE\b`), `Citus refuses it: "could not run distributed query with FOR UPDATE/SHARE commands"`},
	{lazyre.New(`(?s)^UPDATE\b.*\bjsonb?_build_(object|array)\(`), `Citus refuses it: "STABLE functions used in UPDATE queries cannot be called with column references"`},
	{lazyre.New(`(?s)^UPDATE\b.*\b(CASE|coalesce\()[^;]*\b(now|clock_timestamp)\(\)`), `Citus refuses it: "non-IMMUTABLE functions are not allowed in CASE or COALESCE statements"`},
	{lazyre.New(`(?s)^ALTER TABLE\b.*\bALTER COLUMN\s+\S*\s*SET (\(|STATISTICS\b|STORAGE\b)`), `Citus refuses it: "alter table command is currently unsupported"`},
	{lazyre.New(`(?s)^ALTER TABLE\b.*\bRENAME CONSTRAINT\b`), `Citus refuses it: "renaming constraints belonging to distributed tables is currently unsupported"`},
	{lazyre.New(`(?s)^ALTER TABLE\b.*(\bADD CONSTRAINT\b.*,\s*(ADD|DROP|ALTER)|,\s*ADD CONSTRAINT)\b`), `Citus refuses it: "cannot execute ADD CONSTRAINT command with other subcommands"`},
	{lazyre.New(`(?s)^ALTER TABLE\b.*\bUNIQUE\s+USING INDEX\b`), "The workers would look for the index under its name on the coordinator"},
}

// mustTake refuses a file with a statement that a cluster does not take.
func mustTake(template, table, text string) error {
	file, err := script.Split(strings.NewReader(text))
	if err != nil {
		return err
	}
	for _, s := range file.Statements {
		var plain strings.Builder
		pgtext.ChangeOutsideQuotes(s.Text[s.Lead:], func(s string) string {
			plain.WriteString(s)
			return s
		})
		for _, u := range unfit {
			if u.has.MatchString(plain.String()) {
				return mistake.New(
					fmt.Sprintf("template %s would write for %s, a table of the Citus cluster: %s. %s", template, table, strings.Join(strings.Fields(s.Text[s.Lead:]), " "), u.why),
					"docs/citus.md says what works",
				)
			}
		}
	}
	return nil
}
