package templates

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// On the tables of a Citus cluster each template works or says why not, and nothing in
// between. The server has answers that were recorded of one, and its rule that a DDL
// statement is alone in its message.
func TestCitusTemplates(t *testing.T) {
	t.Parallel()
	works := []string{"add-column", "add-foreign-key", "add-index", "backfill", "enum-add", "enum-rename", "enum-to-text", "set-not-null"}
	for _, template := range slices.Sorted(maps.Keys(everyTemplate)) {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			in := strings.NewReplacer("§", "it", "¤", "it", "@", "it2")
			p, setup := map[string]string{"table": "it"}, oddTables
			if strings.HasPrefix(template, "enum") {
				p, setup = map[string]string{"type": "it"}, oddEnums
			}
			for _, one := range strings.Split(everyTemplate[template].given, "|") {
				if k, v, ok := strings.Cut(one, "="); ok {
					p[k] = in.Replace(v)
				}
			}
			r := newRig(t, in.Replace(setup))
			pgtest.RecordedCitus(t, r.url)
			r.exec("SELECT create_distributed_table(oid, 'id') FROM pg_class WHERE relname IN ('it', 'it2') AND relkind = 'r'")
			if !slices.Contains(works, template) {
				r.refused(template, p, "template "+template+" does not work on public.it", "a table of the Citus cluster: ")
				return
			}
			r.add(template, p)
			text := r.text()
			for what, want := range map[string]bool{
				"SET citus.enable_unsafe_triggers = on;":                  template == "add-column",
				"SET LOCAL citus.multi_shard_modify_mode = 'sequential';": template == "enum-to-text",
			} {
				if strings.Contains(text, what) != want {
					t.Errorf("%s: %v\n%s", what, !want, text)
				}
			}
			if template == "enum-add" { // it cannot be reverted
				r.up(0)
				return
			}
			r.roundTrips()
		})
	}
}

// Sizes are those of all nodes, and a local table of the coordinator has every template.
func TestCitusSizes(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE users (id bigint PRIMARY KEY, name text); CREATE TABLE notes (id bigint PRIMARY KEY, name text, deleted_at timestamptz)")
	pgtest.RecordedCitus(t, r.url)
	r.exec("SELECT create_distributed_table('users', 'id'); INSERT INTO pg_catalog.recorded_size VALUES ('users', 5000000, 400 << 20)")
	_, in, err := r.expand("backfill", params("table=users", "column=name", "value='x'"))
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(in.Report, "\n"); !strings.Contains(said, "users: about 5000000 rows") {
		t.Error(said)
	}
	r.refused("backfill", params("table=users", "column=name", "value='x'", "way=direct"), "way=direct was not tried on public.users")
	if _, _, err := r.expand("soft-delete", params("table=notes", "column=deleted_at")); err != nil {
		t.Error(err)
	}
}
