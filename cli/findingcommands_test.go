package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The command that a finding of review names is one that rung new takes, and there is
// none where no template does it.
func TestCommandsOfFindings(t *testing.T) {
	t.Parallel()
	dir, rung := t.TempDir(), filepath.Join(programs(t), "rung")
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, "sql", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	shell := func(command string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+filepath.Dir(rung)+":"+os.Getenv("PATH"), "DATABASE_URL=")
		var out strings.Builder
		cmd.Stderr = &out
		text, err := cmd.Output()
		if err != nil {
			t.Log(out.String())
		}
		return text, err
	}
	clear := func() { // what came after the first file
		t.Helper()
		entries, err := os.ReadDir(filepath.Join(dir, "sql"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries[1:] {
			if err := os.Remove(filepath.Join(dir, "sql", e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	tables := func(n, columns string) string { return "CREATE TABLE " + n + " (" + columns + ");\n" }
	write("000001_tables.up.sql", tables("keyed", "id int PRIMARY KEY, n int")+
		tables("referring", "id bigint PRIMARY KEY, keyed_id int REFERENCES keyed")+
		tables("numbered", "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY")+
		tables("texts", "id bigint PRIMARY KEY, ref uuid, a text, b text, n int")+
		tables("named", "id uuid PRIMARY KEY")+
		"CREATE INDEX texts_idx ON texts (a, b);")
	cases := map[string]struct{ change, template string }{ // by finding and table
		"table-rewrite public.keyed":         {"ALTER TABLE keyed ALTER COLUMN id TYPE bigint;", "bigint-key --set table=keyed"},
		"table-rewrite public.referring":     {"ALTER TABLE referring ALTER COLUMN keyed_id TYPE bigint;", "bigint-key --set table=keyed"},
		"table-rewrite public.numbered":      {"ALTER TABLE numbered ALTER COLUMN id TYPE bigint;", "bigint-key --set table=numbered"},
		"table-rewrite public.named":         {"ALTER TABLE named ALTER COLUMN id TYPE text;", ""},
		"table-rewrite public.texts":         {"ALTER TABLE texts ALTER COLUMN n TYPE bigint;", "change-type"},
		"index-rebuild public.texts":         {"ALTER TABLE texts ALTER COLUMN b TYPE text COLLATE \"C\";", ""},
		"scan-not-null public.texts":         {"ALTER TABLE texts ALTER COLUMN ref SET NOT NULL;", "set-not-null"},
		"scan-foreign-key public.texts":      {"ALTER TABLE texts ADD FOREIGN KEY (ref) REFERENCES named;", "add-foreign-key"},
		"index-not-concurrent public.texts":  {"CREATE INDEX ON texts (ref, n);", "add-index"},
		"index-by-constraint public.texts":   {"ALTER TABLE texts ADD UNIQUE (a, n);", "add-index"},
		"update-whole-table public.keyed":    {"UPDATE keyed SET n = 1;", "backfill"},
		"table-rewrite public.keyed added":   {"ALTER TABLE keyed ADD COLUMN code bigint DEFAULT random();", "add-column"},
		"table-rewrite public.texts logging": {"ALTER TABLE texts SET UNLOGGED;", ""},
		"required-column public.texts":       {"ALTER TABLE texts ADD COLUMN c int NOT NULL;", "add-column"},
	}
	for name, c := range cases {
		write("000002_case.up.sql", c.change)
		write("000002_case.down.sql", "-- rung:irreversible a case")
		out, _ := shell("rung review --from 2 --fail-on off --json")
		var report struct {
			Findings []struct{ ID, Relation, Command string }
		}
		if err := json.Unmarshal(out, &report); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		clear()
		found := false
		for _, f := range report.Findings {
			if !strings.HasPrefix(name, f.ID+" "+f.Relation) {
				continue
			}
			found = true
			if (f.Command == "") != (c.template == "") || !strings.Contains(f.Command, c.template) {
				t.Errorf("%s: %q, want a command of %q", name, f.Command, c.template)
			}
			if _, err := shell(strings.NewReplacer("column=…", "column=n", "=…", "=1").Replace(f.Command)); err != nil {
				t.Errorf("%s: %s: %v", name, f.Command, err)
			}
		}
		if !found {
			t.Errorf("%s: not found in %+v", name, report.Findings)
		}
		clear()
	}
}
