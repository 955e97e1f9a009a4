package templates

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
)

// On the tables of a Citus cluster each template works or says why not, and nothing in
// between: one that nobody answered for is refused.
func TestCitusAnswers(t *testing.T) {
	t.Parallel()
	for name, a := range registry {
		for kind, one := range map[string]struct {
			works        bool
			why, instead string
		}{
			"distributed": {a.citus.Sharded.Works, a.citus.Sharded.Why, a.citus.Sharded.Instead},
			"reference":   {a.citus.Everywhere.Works, a.citus.Everywhere.Why, a.citus.Everywhere.Instead},
			"local":       {a.citus.Kept.Works, a.citus.Kept.Why, a.citus.Kept.Instead},
		} {
			if one.works != (one.why == "") || one.works != (one.instead == "") {
				t.Errorf("%s on %s tables: works %v, why not: %q, instead: %q", name, kind, one.works, one.why, one.instead)
			}
		}
	}
}

// works are the templates that have files for the tables of a cluster.
var works = []string{
	"add-column", "add-foreign-key", "add-index", "backfill", "change-type", "enum-add", "enum-rename", "enum-swap", "enum-to-text", "json-split",
	"set-not-null", "soft-delete", "text-to-enum",
}

// distribute makes tables of a cluster of all that the names begin with.
const distribute = "SELECT create_distributed_table(oid, 'id') FROM pg_class WHERE relname IN ('it', 'it2') AND relkind = 'r'"

// citusUse is a template's use on recorded tables, and what makes them.
func citusUse(template string) (p map[string]string, setup string) {
	in := strings.NewReplacer("§", "it", "¤", "it", "@", "it2")
	p, setup = map[string]string{"table": "it"}, oddTables
	if strings.HasPrefix(template, "enum") {
		p, setup = map[string]string{"type": "it"}, oddEnums
	}
	for _, one := range strings.Split(everyTemplate[template].given, "|") {
		if k, v, ok := strings.Cut(one, "="); ok {
			p[k] = in.Replace(v)
		}
	}
	switch template {
	case "add-foreign-key": // has the columns by which the tables are distributed
		p["columns"] = "id"
	case "enum-swap": // merges no arrays there
		setup += "; ALTER TABLE @ DROP COLUMN past"
	}
	return p, in.Replace(setup)
}

// The server has answers that were recorded of a cluster, and two of its rules: that a
// DDL statement is alone in its message, and that a trigger asks for a setting.
func TestCitusTemplates(t *testing.T) {
	t.Parallel()
	for _, template := range slices.Sorted(maps.Keys(everyTemplate)) {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			p, setup := citusUse(template)
			r := newRig(t, setup)
			pgtest.RecordedCitus(t, r.url)
			r.exec(distribute)
			if !slices.Contains(works, template) {
				r.refused(template, p, "template "+template+" does not work on public.it", "a distributed table of the Citus cluster: ")
				return
			}
			r.add(template, p)
			text := r.text()
			for what, want := range map[string]bool{
				"SET citus.enable_unsafe_triggers = on;":                  strings.Contains(text, "CREATE TRIGGER"),
				"SET LOCAL citus.multi_shard_modify_mode = 'sequential';": strings.Contains(text, "DROP TYPE") || strings.Contains(text, "DROP FUNCTION"),
			} {
				if strings.Contains(text, what) != want {
					t.Errorf("%s: %v\n%s", what, !want, text)
				}
			}
			switch template {
			case "enum-add": // it cannot be reverted
				r.up(0)
			case "change-type": // its column comes to stand last, also when it is reverted
				const rows = "SELECT string_agg(concat_ws('|', id, it, doc, deleted_at, ref), ' ' ORDER BY id) FROM it"
				before := pgtest.QueryString(t, r.url, rows)
				r.up(0)
				r.down(r.next)
				if after := pgtest.QueryString(t, r.url, rows); after != before {
					t.Errorf("before: %s\nafter: %s", before, after)
				}
				r.up(0)
			default:
				r.roundTrips()
			}
		})
	}
}

// Reference tables and local ones that Citus knows of have the same answers. Nothing is
// applied, so those templates that want the same tables share them.
func TestCitusKinds(t *testing.T) {
	t.Parallel()
	for kind, spread := range map[string]string{"reference": "create_reference_table", "local": "citus_add_local_table_to_metadata"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			address := map[string]string{} // by what makes the tables
			for _, template := range slices.Sorted(maps.Keys(everyTemplate)) {
				p, setup := citusUse(template)
				if address[setup] == "" {
					made := newRig(t, setup)
					pgtest.RecordedCitus(t, made.url)
					made.exec(strings.ReplaceAll(distribute, "create_distributed_table(oid, 'id')", spread+"(oid)"))
					address[setup] = made.url
				}
				t.Run(template, func(t *testing.T) {
					r := &rig{T: t, url: address[setup], files: fstest.MapFS{}}
					if slices.Contains(works, template) {
						r.add(template, p)
					} else {
						r.refused(template, p, "template "+template+" does not work on public.it", "a "+kind+" table of the Citus cluster: ")
					}
				})
			}
		})
	}
}

// One that says nothing in the registry is refused, too.
func TestCitusUnsaid(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE it (id int PRIMARY KEY, n int)")
	pgtest.RecordedCitus(t, r.url)
	r.exec(distribute)
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	silent := *set["set-not-null"]
	silent.citus = registry["no such template"].citus
	set["set-not-null"] = &silent
	_, _, err = r.expandOf(set, "set-not-null", params("table=it", "column=n"))
	mistaken(t, err, "set-not-null does not work on public.it, a distributed table of the Citus cluster: nobody has said")
}

// What Citus would refuse when the files run is refused before they are written.
func TestCitusRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE it (id bigint, org int, n int, doc jsonb, at timestamptz, deleted_at timestamptz, PRIMARY KEY (org, id), UNIQUE (org, n));
CREATE TABLE it2 (id bigint, org int, n int, PRIMARY KEY (org, id)); CREATE TABLE far (id int PRIMARY KEY, org int, n int); CREATE TABLE plain (id int PRIMARY KEY, n int); CREATE TABLE every (id int PRIMARY KEY, n int);
ALTER TABLE it ALTER COLUMN doc SET STATISTICS 500; INSERT INTO it (id, org) VALUES (1, 1)`)
	pgtest.RecordedCitus(t, r.url)
	r.exec("SELECT create_distributed_table('it', 'org'), create_distributed_table('it2', 'org'), create_reference_table('every')")
	r.exec("SELECT recorded_table('far', 'h', 'id', 's', 4, 9)")
	for _, c := range []struct{ template, given, says string }{
		{"change-type", "table=it|column=org|type=bigint", "public.it is distributed by org, and Citus changes neither the values nor the type of that column"},
		{"backfill", "table=it|column=org|value=1|where=true", "it is distributed by org"},
		{"backfill", "table=it|column=n|value=length(at::text)", "value=length(at::text) is not IMMUTABLE"},
		{"backfill", "table=it|column=at|value=coalesce(deleted_at, now())", "is not IMMUTABLE"},
		{"backfill", "table=it|column=at|value=coalesce(NULL, now())", "is not IMMUTABLE"},
		{"backfill", "table=it|column=at|value=now()", ""},
		{"add-column", "table=it|column=t|type=text|value=at::text", "is not IMMUTABLE"},
		{"add-column", "table=it|column=t|type=int|value=n + 1", ""},
		{"change-type", "table=it|column=doc|type=json", "SET STATISTICS 500;. Citus refuses it"},
		{"change-type", "table=it|column=n|type=bigint", "UNIQUE USING INDEX"},
		{"json-split", "table=it|column=doc|keys=a date, b text[], c int|way=direct", "way=direct does not work on public.it"},
		{"json-split", "table=it|column=doc|keys=a date, b text[], c int", ""},
		{"add-foreign-key", "table=it2|columns=n|references=plain", "Citus takes no foreign key from it2, a distributed table, to plain, a table that Citus does not know"},
		{"add-foreign-key", "table=plain|columns=n|references=far", "Citus takes no foreign key from plain"},
		{"add-foreign-key", "table=plain|columns=n|references=every", ""},
		{"add-foreign-key", "table=it2|columns=n|references=every", ""},
		{"add-foreign-key", "table=it2|columns=n|references=far", "they are not colocated"},
		{"add-foreign-key", "table=every|columns=n|references=far", "the row that is referred to may be on another node"},
		{"add-foreign-key", "table=every|columns=n|references=plain|on_delete=cascade", "it takes NO ACTION or RESTRICT alone"},
		{"add-foreign-key", "table=it2|columns=org, n|references=it|to=org, n", ""},
		{"add-foreign-key", "table=it2|columns=n, org|references=it|to=org, n", "it does not pair the columns that they are distributed by"},
	} {
		p := map[string]string{}
		for _, one := range strings.Split(c.given, "|") {
			k, v, _ := strings.Cut(one, "=")
			p[k] = v
		}
		if _, _, err := r.expand(c.template, p); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v", c.template, c.given, err)
		}
	}
}

// Sizes are those of all nodes, and a local table of the coordinator has every template.
func TestCitusSizes(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE users (id bigint PRIMARY KEY, name text); CREATE TABLE notes (id bigint PRIMARY KEY, name text, deleted_at timestamptz, doc jsonb)")
	pgtest.RecordedCitus(t, r.url)
	r.exec("SELECT create_distributed_table('users', 'id'); INSERT INTO pg_catalog.recorded_size VALUES ('users', 5000000, 400 << 20)")
	_, in, err := r.expand("backfill", params("table=users", "column=name", "value='x'"))
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(in.Report, "\n"); !strings.Contains(said, "users: about 5000000 rows") {
		t.Error(said)
	}
	r.refused("backfill", params("table=users", "column=name", "value='x'", "way=direct"), "way=direct does not work on public.users")
	if _, _, err := r.expand("json-rename-key", params("table=notes", "column=doc", "path=a", "to=b")); err != nil {
		t.Error(err)
	}
}
