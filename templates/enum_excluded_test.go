package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// Values that enum-retire has emptied go for good later, and the CHECK that
// kept them out must not come to keep out what they become.
func TestEnumSwapAfterRetire(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ values, mapping, left string }{
		"the label goes":           {"todo,in_progress", "", ""},
		"the label becomes one":    {"todo,in_progress", "done=in_progress", ""},
		"the label is renamed":     {"todo,in_progress,over", "done=over", "CHECK ((status <> 'over'::status))"},
		"the order alone":          {"done,in_progress,todo", "", "CHECK ((status <> 'done'::status))"},
		"one that stays joins too": {"in_progress,over", "done=over,todo=over", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tasks)
			r.add("enum-retire", params("type=status", "map=done=in_progress"))
			r.up(0)
			before := r.dump()
			p := params("type=status", "values="+c.values)
			if c.mapping != "" {
				p["map"] = c.mapping
			}
			r.add("enum-swap", p)
			r.up(0)
			r.rows("SELECT coalesce(max(pg_get_constraintdef(oid)), '') FROM pg_constraint WHERE conname = 'tasks_status_live'", c.left)
			r.down(1)
			r.same("down", before)
			r.up(0)
		})
	}
}

func TestEnumKeepsOutSome(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE "E s" AS ENUM ('a', 'it''s', 'c', 'd'); CREATE TABLE t (id int PRIMARY KEY, "C c" "E s");
ALTER TABLE t ADD CONSTRAINT no_more CHECK ("C c" NOT IN ('it''s', 'd')); COMMENT ON CONSTRAINT no_more ON t IS 'no more';
CREATE VIEW v AS SELECT id FROM t WHERE "C c" <> 'it''s'; INSERT INTO t VALUES (1, 'a'), (2, 'c')`)
	before := pgtest.Dump(t, url)
	files, in, err := expand(t, url, "enum-swap", set{"type": `"E s"`, "map": "'it''s'=a"})
	if err != nil {
		t.Fatal(err)
	}
	if report := strings.Join(in.Report, "\n"); !strings.Contains(report, "view public.v has 'it''s' and not 'a', and comes to mean both: check that it should") {
		t.Error(report)
	}
	mustUp(t, url, files)
	if got := pgtest.QueryString(t, url, "SELECT pg_get_constraintdef(oid) || obj_description(oid) FROM pg_constraint WHERE conname = 'no_more'"); got != `CHECK (("C c" <> ALL (ARRAY['d'::"E s"])))no more` {
		t.Error(got)
	}
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
	wantRefusal(t, url, "enum-online", set{"type": `"E s"`, "map": "'it''s'=a"}, "constraint no_more of public.t excludes values that are removed", "drop it in a migration before")
}
