package templates

import (
	"maps"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner"
)

// With background=true the same is written in the end as without it: up registers the
// backfill, work runs it, and the files behind it wait for that.
func TestEveryTemplateInTheBackground(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	eachUse(t, "it", func(t *testing.T, template, setup string, p map[string]string, _ *strings.Replacer) {
		if !set[template].takes("background") {
			return
		}
		plain := newRig(t, setup)
		plain.add(template, p)
		plain.up(0)

		late := maps.Clone(p)
		late["background"] = "true"
		r := newRig(t, setup)
		r.add(template, late)
		open := func() string {
			return pgtest.QueryString(t, r.url, "SELECT count(*) FROM rung.migrations WHERE state = 'background'")
		}
		registered := 0
		for range r.next {
			if err := r.tryUp(0); err != nil {
				t.Fatalf("up: %v\n%s", err, r.text())
			}
			if open() == "0" {
				break
			}
			registered++
			if _, err := r.runner().Work(t.Context(), runner.WorkRequest{}); err != nil {
				t.Fatalf("work: %v\n%s", err, r.text())
			}
		}
		if registered == 0 || open() != "0" {
			t.Fatalf("registered %d times, %s are still open\n%s", registered, open(), r.text())
		}
		r.mustBe("by work", plain.dump(), r.dump())
		for n := r.next; n > 0 && r.reverted(); n-- {
		}
	})
}

func TestBackgroundIsRefusedWithoutBatches(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'a')")
	r.refused("add-column", params("table=users", "column=n", "type=int", "value=1", "background=true"), "writes no batches here")
	r.refused("add-column", params("table=users", "column=n", "type=text", "value=lower(email)", "background=true", "way=direct"), "leave one of them out")
	r.refused("add-column", params("table=users", "column=n", "type=text", "value=lower(email)", "background=yes"), "neither true nor false")
	r.refused("add-index", params("table=users", "columns=email", "background=true"), `no parameter of template add-index "background"`)
}

// The front door of enums takes background where its strategy has batches, and says why where not.
func TestEnumInTheBackground(t *testing.T) {
	t.Parallel()
	r := newRig(t, enumBefore+"CREATE TABLE t (id int PRIMARY KEY, s status); INSERT INTO t SELECT g, (enum_range(NULL::status))[g % 3 + 1] FROM generate_series(1, 9) AS g")
	r.refused("enum", params("type=status", "rename=todo=open", "background=true"), "strategy enum-rename has no batches that could run in the background")
	r.refused("enum", params("type=status", "map=todo=done", "background=true", "strategy=enum-swap"), "strategy enum-swap has no batches")
	r.refused("enum", params("type=status", "map=todo=done", "background=true", "strategy=enum-retire"), "strategy enum-retire has no batches")
	r.refused("enum", params("type=status", "map=todo=done", "background=true", "way=direct"), "leave one of them out")
	r.says("enum", params("type=status", "map=todo=done", "background=true"), "strategy enum-online", "not enum-retire", "`rung work` runs it")
	r.says("enum", params("type=status", "map=todo=done", "background=true", "strategy=rolling", "back=done=done"), "strategy rolling", "`rung work` runs it")
	r.add("enum", params("type=status", "map=todo=done", "background=true"))
	for open := true; open; open = pgtest.QueryString(t, r.url, "SELECT count(*) FROM rung.migrations WHERE state = 'background'") != "0" {
		r.up(0)
		if _, err := r.runner().Work(t.Context(), runner.WorkRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	r.up(0)
	r.rows("SELECT count(*) FROM t WHERE s = 'done'", "6")
}
