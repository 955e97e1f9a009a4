package proof

import (
	"testing"
)

// Down files are observed too, the newest first, and what they are for is no
// finding: to drop what the up has added, to bring a name back.
func TestReviewDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ up, down, found, notes string }{
		"blocks":        {up: "CREATE INDEX CONCURRENTLY i ON users (age);", down: "DROP INDEX i;", found: "1 warning index-drop-not-concurrent public.users"},
		"drops its own": {up: "ALTER TABLE users ADD COLUMN name text; CREATE TABLE t (id bigint);", down: "ALTER TABLE users DROP COLUMN name; DROP TABLE t;"},
		"drops another": {up: "SELECT 1;", down: "ALTER TABLE users DROP COLUMN age;", found: "1 danger drop-column public.users"},
		"renames back":  {up: "SELECT 1;", down: "ALTER TABLE users RENAME COLUMN age TO years;"},
		"fails":         {up: "SELECT 1;", down: "DROP TABLE nowhere;", found: "1 error statement-fails "},
		"suppressed":    {up: "SELECT 1;", down: "-- rung:allow drop-column nobody uses it\nALTER TABLE users DROP COLUMN age;"},
		"irreversible":  {up: "SELECT 1;", down: "-- rung:irreversible gone", notes: "down files below sql/3_case.down.sql are not observed: `rung down` comes no further"},
		"behind a failing up": {
			up: "DROP TABLE nowhere;", down: "DROP TABLE nowhere;", found: "1 error statement-fails ", notes: "down files are not observed: sql/3_case.up.sql fails",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustReview(t, ReviewConfig{From: version("2"), Dir: directory(t,
				"1_setup.up.sql", reviewSetup, "2_before.up.sql", "SELECT 1;", "2_before.down.sql", "SELECT 1;", "3_case.up.sql", c.up, "3_case.down.sql", c.down)})
			if got := found(r.Findings); got != c.found {
				t.Errorf("%s\nwant\n%s", got, c.found)
			}
			notes := ""
			for _, n := range r.Notes {
				notes += n
			}
			if notes != c.notes {
				t.Errorf("%s\nwant\n%s", notes, c.notes)
			}
		})
	}
}

// A problem of a `-- rung:allow` in a down file is told as one in an up file is.
func TestReviewDownAllow(t *testing.T) {
	t.Parallel()
	d := directory(t, "1_setup.up.sql", reviewSetup, "2_case.up.sql", "SELECT 1;", "2_case.down.sql", "-- rung:allow drop-column nobody\nSELECT 1;")
	_, err := Review(t.Context(), ReviewConfig{Dir: d, From: version("2"), Scratch: onShared(t)})
	if want := "sql/2_case.down.sql:1:1: rung:allow drop-column has nothing to suppress in its statement; take it out, or put it above the statement that it is about"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}
