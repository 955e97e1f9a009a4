package templates

import (
	"fmt"
	"net/url"
	"os"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
)

// On a real cluster, which no test can install, all files of each template that works
// there run, down and up again, on each kind of table: make test-citus. Everything is
// made in two schemas of the test's own.
func TestCitusClusterTemplates(t *testing.T) {
	base := os.Getenv("RUNG_TEST_CITUS_URL")
	if base == "" {
		t.Skip("RUNG_TEST_CITUS_URL names no coordinator of a Citus cluster: not run")
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{"distributed": "create_distributed_table(oid, 'id')", "reference": "create_reference_table(oid)", "local": "citus_add_local_table_to_metadata(oid)"}
	for kind, spread := range kinds {
		for _, template := range works {
			t.Run(kind+" "+template, func(t *testing.T) {
				schema := fmt.Sprintf("rung_test_%d", os.Getpid())
				q := u.Query()
				q.Set("search_path", schema)
				of := *u
				of.RawQuery = q.Encode()
				r := &rig{T: t, url: of.String(), files: fstest.MapFS{}, history: schema + "_history"}
				clear := "DROP SCHEMA IF EXISTS " + schema + " CASCADE; DROP SCHEMA IF EXISTS " + r.history + " CASCADE"
				t.Cleanup(func() { pgtest.Exec(t, base, clear) })
				pgtest.Exec(t, base, "SET citus.enable_schema_based_sharding = off; CREATE SCHEMA "+schema)
				p, setup := citusUse(template)
				r.exec(setup)
				r.exec("SELECT " + spread + " FROM pg_class WHERE relname IN ('it', 'it2') AND relkind = 'r' AND relnamespace = to_regnamespace('" + schema + "')")
				r.add(template, p)
				r.up(0)
				if template != "enum-add" { // that cannot be reverted
					r.down(r.next)
					r.up(0)
				}
			})
		}
	}
}
