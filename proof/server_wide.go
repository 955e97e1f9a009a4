package proof

import (
	"fmt"
	"slices"

	"rung/runner"
)

// isServerWide names a statement that reaches beyond its database, or is "".
func isServerWide(words []string) string {
	if len(words) < 2 {
		return ""
	}
	what := words[0] + " " + words[1]
	if slices.Contains([]string{"CREATE DATABASE", "DROP DATABASE", "ALTER SYSTEM", "CREATE TABLESPACE", "DROP TABLESPACE", "CREATE SUBSCRIPTION", "ALTER SUBSCRIPTION", "DROP SUBSCRIPTION"}, what) {
		return what
	}
	return ""
}

// refuseServerWide refuses to run files on somebody else's server that would
// change more there than the databases that rung makes.
func refuseServerWide(cfg ScratchConfig, migrations []*runner.Migration) error {
	if cfg.Conn == nil {
		return nil
	}
	for _, m := range migrations {
		for _, s := range []*runner.Script{m.Up, m.Down} {
			if s == nil {
				continue
			}
			for _, st := range s.Statements() {
				if what := isServerWide(st.Words); what != "" {
					return &runner.RefusalError{
						Reason: fmt.Sprintf("%s:%d: %s reaches beyond the scratch database, and would change the server of --scratch-url", s.Path, st.Line, what),
						Hint:   "without --scratch-url it runs on a throwaway server of rung's own",
					}
				}
			}
		}
	}
	return nil
}
