package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// strayIndex is a database with an INVALID index that a failed step has left.
func strayIndex(t *testing.T, file string) (url string) {
	t.Helper()
	url = pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA app; CREATE TABLE app.a (x int); INSERT INTO app.a VALUES (1), (1)")
	reader := join(t, url)
	reader.do("BEGIN; LOCK TABLE app.a IN ACCESS SHARE MODE") // the index cannot be dropped at once
	defer reader.do("ROLLBACK")
	if _, err := upFails(t, url, pairs{"1_x.up.sql": file}); !strings.Contains(err.Error(), "could not create unique index") {
		t.Fatal(err)
	}
	is(t, url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "1")
	return url
}

// An INVALID index is dropped although no step of the fixed file makes it.
func TestLeftoverOfAnEditedStep(t *testing.T) {
	const sets = "SET search_path = app;\n"
	for name, c := range map[string]struct{ was, now, indexes string }{
		"moved, too":             {"CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", "ANALYZE a;\nCREATE INDEX CONCURRENTLY ax ON a (x);\n", "ax true"},
		"it makes another one":   {"CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", "CREATE INDEX CONCURRENTLY other ON a (x);\n", "other true"},
		"without a name":         {"CREATE UNIQUE INDEX CONCURRENTLY ON a (x);\n", "ANALYZE a;\nCREATE INDEX ON a (x, x);\n", "a_x_x1_idx true"},
		"taken out":              {"CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", "", ""},
		"no step by step by now": {"CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", "CREATE INDEX ax ON a (x);\n", "ax true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, how := range []string{"up", "by hand"} {
				url := strayIndex(t, sets+"CREATE TABLE first ();\n"+c.was)
				// Somebody else's, of before and of another table, are not touched.
				pgtest.Exec(t, url, "CREATE TABLE b (x int); CREATE INDEX bx ON b (x); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'bx'::regclass")
				f := pairs{"1_x.up.sql": sets + "CREATE TABLE first ();\n" + c.now}
				if how == "up" {
					h := &hearing{}
					up(t, url, f, h.listen)
					if es := heard[Cleaned](h); len(es) != 1 || !strings.HasPrefix(es[0].Index, "app.a") {
						t.Errorf("%+v", es)
					}
				} else {
					runByHand(t, url, byHandScript(t, url, load(t, f), Up, UpRequest{}))
				}
				is(t, url, "SELECT coalesce(string_agg(c.relname || ' ' || i.indisvalid, ', '), '') FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = 'app.a'::regclass", c.indexes)
				is(t, url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'bx'::regclass", "false")
				is(t, url, "SELECT state FROM rung.migrations", "applied")
			}
		})
	}
}

// What cannot be dropped is named, and the next up continues with it.
func TestLeftoverOfAnEditedStepIsHeld(t *testing.T) {
	t.Parallel()
	url := strayIndex(t, "-- rung:lock-timeout 100ms\nCREATE UNIQUE INDEX CONCURRENTLY ax ON app.a (x);\n")
	f := pairs{"1_x.up.sql": "ANALYZE app.a;\nCREATE TABLE second ();\n"}
	reader := join(t, url)
	reader.do("BEGIN; LOCK TABLE app.a IN ACCESS SHARE MODE")
	_, err := upFails(t, url, f)
	reader.do("ROLLBACK")
	var hinted *HintedError
	if !strings.Contains(err.Error(), "drop the INVALID index app.ax, left by a statement that was edited since") || !errors.As(err, &hinted) {
		t.Error(err)
	}
	up(t, url, f)
	is(t, url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0")
}
