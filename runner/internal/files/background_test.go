package files

import (
	"strings"
	"testing"
)

// What cannot run in the background, or wait for it, is said before anything runs.
func TestBackgroundRefusals(t *testing.T) {
	const fill = "-- rung:background\nSELECT 1;\n-- rung:batch key=t.id\nUPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2;\n"
	for name, c := range map[string]struct {
		files pairs
		want  string
	}{
		"no batch":         {pairs{"1_a.up.sql": "-- rung:background\nUPDATE t SET a = 1;\n"}, "sql/1_a.up.sql:1:1: rung:background in a file without a batch"},
		"DDL behind it":    {pairs{"1_a.up.sql": fill + "ALTER TABLE t ALTER a SET NOT NULL;\n"}, "sql/1_a.up.sql:5:1: ALTER behind the first batch"},
		"not at the head":  {pairs{"1_a.up.sql": "SELECT 1;\n" + fill}, "sql/1_a.up.sql:2:1: "},
		"a down file":      {pairs{"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": fill}, "sql/1_a.down.sql:1:1: "},
		"unknown version":  {pairs{"1_a.up.sql": fill, "2_b.up.sql": "-- rung:requires 7\nSELECT 1;\n"}, "sql/2_b.up.sql:1:1: rung:requires 7: "},
		"itself":           {pairs{"1_a.up.sql": "-- rung:requires 1\n" + fill}, "sql/1_a.up.sql:1:1: rung:requires 1: "},
		"a later version":  {pairs{"1_a.up.sql": "-- rung:requires 2\nSELECT 1;\n", "2_b.up.sql": fill}, "sql/1_a.up.sql:1:1: rung:requires 2: "},
		"no backfill":      {pairs{"1_a.up.sql": "SELECT 1;\n", "2_b.up.sql": "-- rung:requires 1\nSELECT 1;\n"}, "sql/2_b.up.sql:1:1: rung:requires 1: "},
		"no version":       {pairs{"1_a.up.sql": fill, "2_b.up.sql": "-- rung:requires the fill\nSELECT 1;\n"}, "sql/2_b.up.sql:1:1: "},
		"without a number": {pairs{"1_a.up.sql": fill, "2_b.up.sql": "-- rung:requires\nSELECT 1;\n"}, "sql/2_b.up.sql:1:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Load(c.files.fs(), "sql")
			must(t, err)
			if err = d.Bad(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	good := load(t, pairs{"1_a.up.sql": fill + "DO $$BEGIN ASSERT true; END$$;\n", "2_b.up.sql": "-- rung:requires 0001\nSELECT 1;\n"})
	if b := good.Migrations[1].Up; len(b.Requires) != 1 || b.Requires[0] != "1" || !good.Migrations[0].Up.Background {
		t.Errorf("requires %q", b.Requires)
	}
}
