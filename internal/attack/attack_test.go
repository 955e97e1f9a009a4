// Package attack proves that rung's own SQL runs nothing that other roles have
// created, whatever it is and wherever the search_path has it.
package attack

import (
	"bytes"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rung/cli"
	"rung/internal/pgtest"
	"rung/internal/sandbox"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

//go:embed plant.sql
var plant string

// ladder are migrations of every kind, whose own SQL leaves nothing to the
// search_path.
var ladder = map[string]string{
	"1_t.up.sql": `CREATE TABLE public.t (id integer PRIMARY KEY, v varchar(20) UNIQUE NOT NULL, b boolean NOT NULL DEFAULT false, n integer, UNIQUE (v, b));
INSERT INTO public.t (id, v) SELECT i, i FROM pg_catalog.generate_series(1, 300) AS g (i);
`,
	"1_t.down.sql":     "DROP TABLE public.t;\n",
	"2_index.up.sql":   "CREATE INDEX CONCURRENTLY t_n ON public.t (n);\n",
	"2_index.down.sql": "DROP INDEX CONCURRENTLY public.t_n;\n",
	"3_number.up.sql": `-- rung:batch key=public.t.id rows=100
UPDATE public.t SET n = 1 WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2;
`,
	"3_number.down.sql": `-- rung:batch key=public.t.v rows=100
UPDATE public.t SET n = NULL WHERE v OPERATOR(pg_catalog.>=) $1 AND v OPERATOR(pg_catalog.<=) $2;
`,
	"4_text.up.sql": `SET lock_timeout = '4s';
-- rung:batch key=public.t.v rows=100
UPDATE public.t SET n = 2 WHERE v OPERATOR(pg_catalog.>=) $1 AND v OPERATOR(pg_catalog.<=) $2;
`,
	"4_text.down.sql": "UPDATE public.t SET n = 1;\n",
	"5_two.up.sql": `-- rung:batch key=public.t(v,b) rows=100
UPDATE public.t SET n = 3 WHERE (v, b) OPERATOR(pg_catalog.>=) ($1, $2) AND (v, b) OPERATOR(pg_catalog.<=) ($3, $4);
`,
	"5_two.down.sql":  "UPDATE public.t SET n = 2;\n",
	"6_view.up.sql":   "CREATE VIEW public.w AS SELECT id FROM public.t;\n",
	"6_view.down.sql": "DROP VIEW public.w;\n",
	"7_type.up.sql":   "CREATE TYPE public.mood AS ENUM ('good', 'bad');\nCREATE TABLE public.u (id integer PRIMARY KEY, m public.mood);\n",
	"7_type.down.sql": "DROP TABLE public.u;\nDROP TYPE public.mood;\n",
}

// victim is who runs rung, where, and what was said.
type victim struct {
	*testing.T
	server   *sandbox.Server
	url, dir string
}

func (v *victim) rung(codes []int, args ...string) string {
	v.Helper()
	before := len(planted(v.server.Log()))
	var stdout, stderr bytes.Buffer
	code := cli.Run(append([]string{"rung", "--database-url", v.url, "--dir", v.dir}, args...), strings.NewReader(""), &stdout, &stderr)
	if !slices.Contains(codes, code) {
		v.Errorf("rung %s: exit %d\n%s%s", strings.Join(args, " "), code, stdout.String(), stderr.String())
	}
	if called := planted(v.server.Log())[before:]; len(called) > 0 {
		v.Errorf("rung %s called %s", strings.Join(args, " "), strings.Join(called, ", "))
	}
	return stdout.String()
}

func (v *victim) psql(script string) {
	v.Helper()
	path := filepath.Join(v.TempDir(), "script.sql")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		v.Fatal(err)
	}
	before := len(planted(v.server.Log()))
	if out, err := exec.Command("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", path, v.url).CombinedOutput(); err != nil {
		v.Errorf("psql: %v\n%s", err, out)
	}
	if called := planted(v.server.Log())[before:]; len(called) > 0 {
		v.Errorf("the script called %s", strings.Join(called, ", "))
	}
}

var call = regexp.MustCompile(`LOG:  (planted: .*)`)

// planted lists what of the planted was called.
func planted(log string) (all []string) {
	for _, m := range call.FindAllStringSubmatch(log, -1) {
		all = append(all, m[1])
	}
	return all
}

// everyCommand runs them all.
func (v *victim) everyCommand() {
	done, refused := []int{0}, []int{2}
	v.rung(done, "validate")
	v.rung(done, "status")
	v.rung(done, "plan", "--json")
	byHand := v.rung(done, "plan", "--sql")
	v.rung(done, "up", "--verbose")
	v.rung(done, "up")
	v.rung(done, "status", "--json")
	v.rung(done, "history")
	v.rung(done, "validate")
	v.rung(done, "wait")
	v.rung(refused, "pause")
	v.rung(refused, "resume")
	v.rung(refused, "tune", "--rows", "10")
	v.rung(done, "redo")
	v.write("6_view.down.sql", "-- edited\nDROP VIEW public.w;\n")
	v.rung([]int{3}, "validate")
	v.rung(done, "repair")
	v.rung(done, "down", "--steps", "3")
	v.rung(done, "baseline", "--to", "5")
	v.rung(done, "down", "--steps", "1", "--recorded")
	v.rung(done, "up")
	v.rung(done, "plan", "--down", "--to", "0")
	v.rung(done, "down", "--to", "0", "--yes")
	v.rung(done, "up", "--single-transaction", "--to", "1")
	v.rung(done, "down")
	pgtest.Exec(v, v.url, "DROP SCHEMA rung CASCADE")
	v.psql(byHand)
	v.rung(done, "status")
	v.rung(done, "repair")
	for template, set := range map[string]string{
		"backfill": "table=public.t column=n value=1", "change-type": "table=public.t column=n type=bigint", "set-not-null": "table=public.t column=n",
		"add-index": "table=public.t columns=n", "add-foreign-key": "table=public.u columns=id references=public.t", "enum-to-text": "type=public.mood",
		"enum-rename": "type=public.mood map=good=fine", "text-to-enum": "table=public.t column=v type=public.v values=1",
	} {
		args := []string{"new", "x", "--print", "--template", template}
		for _, one := range strings.Fields(set) {
			args = append(args, "--set", one)
		}
		v.rung([]int{0, 2}, args...) // some refuse the table, after they have looked
	}
	v.psql(v.rung(done, "plan", "--down", "--to", "0", "--sql"))
	v.failing()
}

// failing are the ways that only an error takes.
func (v *victim) failing() {
	v.write("8_bad.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY t_u ON public.t (b);\n")
	v.rung([]int{1}, "up")
	v.rung([]int{0}, "status")
	v.write("8_bad.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY t_u ON public.t (id);\n")
	v.rung([]int{0}, "up")
	v.write("9_bad.up.sql", `-- rung:batch key=public.t.id rows=100
UPDATE public.t SET n = 1 OPERATOR(pg_catalog./) (id OPERATOR(pg_catalog.-) 250) WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2;
`)
	v.rung([]int{1}, "up")
	v.rung([]int{0}, "pause")
	v.rung([]int{0}, "tune", "--rows", "50")
	v.rung([]int{0}, "resume")
	v.rung([]int{0}, "history", "--html", filepath.Join(v.TempDir(), "page.html"))
	v.write("9_bad.up.sql", `-- rung:batch key=public.t.id rows=100
UPDATE public.t SET n = 4 WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2;
`)
	v.psql(v.rung([]int{0}, "plan", "--sql"))
	v.rung([]int{0}, "status")
}

func (v *victim) write(name, text string) {
	v.Helper()
	if err := os.WriteFile(filepath.Join(v.dir, name), []byte(text), 0o600); err != nil {
		v.Fatal(err)
	}
}

// prepare is a database with everything planted, on a path that has it first or
// behind pg_catalog, and a directory.
func prepare(t *testing.T, path, user string) *victim {
	t.Helper()
	server := pgtest.Server(t)
	url := pgtest.Database(t, server.URL(""))
	pgtest.Exec(t, url, plant)
	pgtest.Exec(t, url, "CREATE ROLE migrator LOGIN; GRANT ALL ON SCHEMA public TO migrator; DO $$BEGIN EXECUTE pg_catalog.format('GRANT CREATE ON DATABASE %I TO migrator', pg_catalog.current_database()); END$$")
	v := &victim{T: t, server: server, url: url, dir: t.TempDir()}
	for _, bait := range []string{"SELECT 1 = 1", "SELECT now()", "SELECT 1::numeric * 2", "SELECT max(1)", "SELECT FROM pg_class", "SELECT 'a'::text"} {
		if strings.HasPrefix(path, "evil, pg_catalog") || bait == "SELECT 1::numeric * 2" {
			v.bites(path, bait)
		}
	}
	pgtest.Exec(t, url, "DO $$BEGIN EXECUTE pg_catalog.format('ALTER DATABASE %I SET search_path = "+path+"', pg_catalog.current_database()); END$$")
	if user != "" {
		v.url = pgtest.AsUser(t, url, user)
	}
	for name, text := range ladder {
		v.write(name, text)
	}
	return v
}

// bites proves of what was planted that it is called.
func (v *victim) bites(path, bait string) {
	v.Helper()
	before := len(planted(v.server.Log()))
	out, err := exec.Command("psql", "-X", "-c", "SET search_path = "+path, "-c", bait, v.url).CombinedOutput()
	if err == nil || len(planted(v.server.Log())) == before {
		v.Fatalf("%s calls nothing that was planted: %v\n%s", bait, err, out)
	}
}

// Whoever may create in a schema of the search_path runs nothing as the role
// that migrates.
func TestNothingPlantedIsCalled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, user string }{
		"a superuser, planted before pg_catalog":      {"evil, pg_catalog, public", ""},
		"an ordinary role, planted before pg_catalog": {"evil, pg_catalog, public", "migrator"},
		"a superuser, planted behind pg_catalog":      {"evil, public", ""},
		"an ordinary role, planted behind pg_catalog": {"evil, public", "migrator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepare(t, c.path, c.user).everyCommand()
		})
	}
}
