package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtext"
)

// directly writes a template the direct way over the odd tables under a name.
func directly(t *testing.T, template, name, way string) (*rig, *strings.Replacer) {
	t.Helper()
	in := strings.NewReplacer("§", pgtext.Ident(name), "¤", name, "@", pgtext.Ident(name+"2"))
	p := map[string]string{"table": pgtext.Ident(name), "way": way}
	for _, one := range strings.Split(everyTemplate[template].given, "|") {
		if k, v, ok := strings.Cut(one, "="); ok {
			p[k] = in.Replace(v)
		}
	}
	r := newRig(t, in.Replace(oddTables))
	if template == "set-not-null" {
		r.exec(in.Replace("UPDATE § SET doc = '{}' WHERE doc IS NULL"))
	}
	r.add(template, p)
	return r, in
}

func directTemplates(t *testing.T) (names []string) {
	t.Helper()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range set.Names() {
		if set[name].direct != "" {
			names = append(names, name)
		}
	}
	return names
}

// The direct way is one pair, which goes up, down and up again with everything as it was.
func TestDirectWaysRoundTrip(t *testing.T) {
	t.Parallel()
	for _, template := range directTemplates(t) {
		for _, name := range []string{"it", "new"} {
			t.Run(template+" "+name, func(t *testing.T) {
				t.Parallel()
				r, in := directly(t, template, name, "direct")
				if r.next != 1 || !strings.Contains(strings.ReplaceAll(r.text(), "\n-- ", " "), " wait until all of this has committed: ") {
					t.Fatalf("%d pairs:\n%s", r.next, r.text())
				}
				r.roundTrips()
				r.exec(in.Replace(everyTemplate[template].write))
				r.down(1)
				r.up(1)
			})
		}
	}
}

// Both ways end at the same schema and the same rows.
func TestBothWaysEndAlike(t *testing.T) {
	t.Parallel()
	for _, template := range directTemplates(t) {
		if template == "change-type" || template == "list-to-table" {
			continue // a second column stands last; a note of late writes is kept
		}
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			online, _ := directly(t, template, "it", "online")
			online.up(0)
			direct, _ := directly(t, template, "it", "direct")
			direct.up(0)
			direct.same("the direct way", online.dump())
		})
	}
}

// What programs write once a direct file has run goes back with it.
func TestDirectWaysTakeBackWhatWasWrittenSince(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE users (id int PRIMARY KEY, settings jsonb, tags text, deleted_at timestamptz);
INSERT INTO users VALUES (1, '{"dark": true, "n": {"mail": 1}}', 'red, green', NULL), (2, NULL, 'blue', '2020-01-01'), (3, '{}', '', NULL)`)
	r.add("json-split", params("table=users", "column=settings", "keys=dark boolean, n.mail AS mail int", "way=direct"))
	r.add("list-to-table", params("table=users", "column=tags", "to=tags", "way=direct"))
	r.add("soft-delete", params("table=users", "way=direct"))
	r.up(0)
	r.rows("SELECT id, dark, mail FROM users ORDER BY id", "1|true|1", "2||", "3||")
	r.rows("SELECT user_id, name, position FROM user_tags JOIN tags ON id = tag_id ORDER BY 1, 3", "1|red|1", "1|green|2", "2|blue|1")
	r.exec("UPDATE users SET dark = false, mail = 7 WHERE id = 3; UPDATE users SET is_deleted = true WHERE id = 3; UPDATE users SET is_deleted = false WHERE id = 2")
	r.exec("DELETE FROM user_tags WHERE user_id = 2; INSERT INTO user_tags SELECT 3, id, 1 FROM tags WHERE name = 'red'")
	r.down(3)
	r.rows("SELECT id, settings, tags, deleted_at IS NOT NULL FROM users ORDER BY id",
		`1|{"n": {"mail": 1}, "dark": true}|red, green|false`, "2|||false", `3|{"n": {"mail": 7}, "dark": false}|red|true`)
}

// A row that does not fit stops a direct file, and nothing is done.
func TestDirectWaysStopWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n text, doc jsonb); INSERT INTO t VALUES (1, NULL, '{"a": "x"}')`)
	for template, p := range map[string]struct{ given, says string }{
		"add-column":   {"column=m|type=text|value=lower(n)", "contains null values"},
		"json-split":   {"column=doc|keys=a int", "1 values in t.doc do not fit their columns"},
		"set-not-null": {"column=n", "contains null values"},
	} {
		before := r.dump()
		r.add(template, params(append(strings.Split(p.given, "|"), "table=t", "way=direct")...))
		if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), p.says) {
			t.Errorf("%s: %v", template, err)
		}
		r.same(template, before)
		r.only(0)
	}
}

// A table without a key has no batches, and needs none.
func TestDirectWaysNeedNoKey(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (n text, doc jsonb, deleted_at timestamptz); INSERT INTO t VALUES ('A', '{"a": 1}', NULL)`)
	r.add("add-column", params("table=t", "column=m", "type=text", "value=lower(n)", "way=direct"))
	r.add("json-split", params("table=t", "column=doc", "keys=a int", "way=direct"))
	r.add("soft-delete", params("table=t", "way=direct"))
	r.goesAndReturns()
	r.rows("SELECT n, m, a, is_deleted FROM t", "A|a|1|false")
}

// A contract drops what a direct file leaves, too.
func TestContractsOfDirectWays(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE posts (id int PRIMARY KEY, tags text[], doc jsonb); INSERT INTO posts VALUES (1, '{red}', '{"a": 1}')`)
	r.add("list-to-table", params("table=posts", "column=tags", "to=tags", "way=direct"))
	r.add("json-split", params("table=posts", "column=doc", "keys=a int", "way=direct"))
	r.up(0)
	r.add("contract", params("of=1"))
	r.add("contract", params("of=2", "drop=column"))
	r.up(0)
	r.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'posts'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1", "a", "id")
}
