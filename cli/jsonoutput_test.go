package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
)

// jsonRig runs commands with --json and --log-format json and compares what
// they print with docs/json.md.
type jsonRig struct {
	*testing.T
	address, dir string
	objects      map[string]object
	printed      map[string]string // by command line
	ran          map[string]bool
}

// run runs one command line that must end with a code.
func (r *jsonRig) run(code int, line string) {
	r.Helper()
	args := append([]string{"rung"}, strings.Fields(line)...)
	args = append(args, "--json", "--log-format=json", "--verbose", "--dir="+r.dir)
	if !strings.Contains(line, "--database-url") {
		args = append(args, "--database-url="+r.address)
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	var out, log bytes.Buffer
	got := run(ctx, args, strings.NewReader(""), writerFunc(func(p []byte) (int, error) {
		if strings.HasPrefix(line, "sandbox") {
			stop() // it has said where it is
		}
		return out.Write(p)
	}), &log)
	if got != code {
		r.Fatalf("rung %s: exit status %d, not %d\n%s%s", line, got, code, out.String(), log.String())
	}
	r.ran[strings.Fields(line)[0]] = true
	r.printed[line] = strings.ReplaceAll(out.String(), r.dir, "sql")
	fits(r.T, r.objects, objectOf(line), out.String())
	r.log(log.String())
}

// log checks the lines of a log.
func (r *jsonRig) log(text string) {
	r.Helper()
	for line := range strings.Lines(text) {
		fits(r.T, r.objects, "line", line)
		var l struct {
			Event string
			Data  json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			r.Fatal(err)
		}
		switch l.Event {
		case "error":
			fits(r.T, r.objects, "error", string(l.Data))
		case "problem":
			fits(r.T, r.objects, "problem", string(l.Data))
		default:
			fits(r.T, r.objects, "event "+l.Event, string(l.Data))
		}
		r.ran["event "+l.Event] = true
		if l.Event == "finished" {
			r.printed["log"] = strings.ReplaceAll(line, r.dir, "sql")
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestJSONOutput runs every command and compares what it prints with
// docs/json.md. With -update it puts that into the page as the examples.
func TestJSONOutput(t *testing.T) {
	t.Parallel()
	r := &jsonRig{T: t, address: pgtest.URL(t), dir: filepath.Join(t.TempDir(), "sql"), printed: map[string]string{}, ran: map[string]bool{}}
	r.objects, _ = readDocs(t)
	file := func(name, text string) { write(t, filepath.Join(r.dir, name), text) }

	r.run(fault.ExitDone, "new create_users")
	file("000001_create_users.up.sql", "CREATE TABLE users (id bigint PRIMARY KEY, n int);\nINSERT INTO users SELECT g FROM generate_series(1, 1000) g;\n")
	file("000001_create_users.down.sql", "DROP TABLE users;\n")
	file("000002_index_users_n.up.sql", "CREATE INDEX CONCURRENTLY users_n ON users (n);\nDO $$BEGIN RAISE WARNING 'a warning'; END$$;\n")
	file("000002_index_users_n.down.sql", "DROP INDEX CONCURRENTLY users_n;\n")
	file("notes.sql", "")
	r.run(fault.ExitDone, "validate --offline")
	r.run(fault.ExitDone, "plan")
	r.run(fault.ExitDone, "plan --sql")
	file("000002_index_users_n.down.sql", "SELECT 1;\n")
	r.run(fault.ExitFound, "verify")
	file("000003_require_n.up.sql", "ALTER TABLE users ADD CHECK (n > 0);\n")
	file("000003_require_n.down.sql", "ALTER TABLE users DROP CONSTRAINT users_n_check;\n")
	r.run(fault.ExitFound, "review --from 3")
	for _, side := range []string{"up", "down"} {
		if err := os.Remove(filepath.Join(r.dir, "000003_require_n."+side+".sql")); err != nil {
			t.Fatal(err)
		}
	}
	file("000002_index_users_n.down.sql", "DROP INDEX CONCURRENTLY users_n;\n")
	r.run(fault.ExitPending, "status --exit-code")
	r.run(fault.ExitDone, "up")
	r.run(fault.ExitDone, "wait")

	// A backfill stops in its middle.
	file("000003_fill_users_n.up.sql", "-- rung:batch key=users.id rows=100\nUPDATE users SET n = 1 / (id - 250) WHERE id BETWEEN $1 AND $2;\n")
	file("000003_fill_users_n.down.sql", "-- rung:irreversible the old values are gone\n")
	r.run(fault.ExitFailed, "up --workers 1")
	r.run(fault.ExitDone, "status")
	r.run(fault.ExitDone, "pause")
	r.run(fault.ExitDone, "tune --rows 50")
	r.run(fault.ExitDone, "resume")
	pgtest.Exec(t, r.address, "DELETE FROM users WHERE id = 250")
	r.run(fault.ExitDone, "up --to 3")
	r.run(fault.ExitUsage, "down")
	r.run(fault.ExitDone, "work")

	file("000001_create_users.up.sql", "CREATE TABLE users (id bigint PRIMARY KEY, n int);\n")
	r.run(fault.ExitDisagree, "validate")
	r.run(fault.ExitDisagree, "up --strict")
	r.run(fault.ExitDone, "repair")
	file("000003_fill_users_n.down.sql", "UPDATE users SET n = NULL;\n")
	r.run(fault.ExitDone, "down --file")
	r.run(fault.ExitDone, "redo")
	r.run(fault.ExitDone, "baseline --to 3")
	r.run(fault.ExitDone, "history --limit 1")
	r.run(fault.ExitDone, "dump")
	r.run(fault.ExitDone, "dump --output "+filepath.Join(t.TempDir(), "dump.sql"))
	r.run(fault.ExitDone, "templates")
	r.run(fault.ExitDone, "completion bash")
	r.run(fault.ExitDone, "man")
	r.run(fault.ExitDone, "topic exit")
	r.run(fault.ExitDone, "version")
	r.run(fault.ExitDone, "sandbox")
	pgtest.Exec(t, r.address, "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (3, false)")
	r.run(fault.ExitDone, "adopt --history-schema adopted")

	r.run(fault.ExitUsage, "up --frob")
	r.run(fault.ExitUnreachable, "up --database-url postgres://u@127.0.0.1:1/x --wait 1ms")
	file("000004_bad.up.sql", "SELECT 'never closed;\n-- rung:frob\n")
	r.run(fault.ExitUsage, "validate --offline")
	goose := filepath.Join(t.TempDir(), "goose")
	write(t, filepath.Join(goose, "00101_pets.sql"), "-- +goose Up\nCREATE TABLE pets (id bigint);\n-- +goose Down\n")
	r.run(fault.ExitDone, "import "+goose)

	for name := range results {
		if !r.ran[name] {
			t.Errorf("run %s in this test", name)
		}
	}
	if *update {
		r.writeExamples()
	}
}

// steady are the values of the examples that would differ at each -update.
var steady = []struct {
	what *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*"`), `"2026-03-01T09:30:00.123456Z"`},
	{regexp.MustCompile(`("\w+_ms": ?)[1-9][\d.]*`), "${1}12.345"},
	{regexp.MustCompile(`("\w+_per_second": ?)[\d.]+`), "${1}12.5"},
	{regexp.MustCompile(`("rate": ?)[1-9][\d.]*`), "${1}20000"},
	{regexp.MustCompile(`("run": ?)"[0-9a-f]{12}"`), `$1"0b5e6e2d7c1a"`},
	{regexp.MustCompile(`("rung_version": ?)"[^"]*"`), `$1"v1.0.0"`},
	{regexp.MustCompile(`("os_user": ?)"[^"]*"`), `$1"alice"`},
	{regexp.MustCompile(`("host": ?)"[^"]*"`), `$1"build-7"`},
	{regexp.MustCompile(`("job": ?)"[^"]*"`), `$1""`},
	{regexp.MustCompile(`\d+(\.\d+)? ms`), "12 ms"},
}

// writeExamples puts what was printed into docs/json.md.
func (r *jsonRig) writeExamples() {
	text, err := os.ReadFile(jsonDocs)
	if err != nil {
		r.Fatal(err)
	}
	new := example.ReplaceAllStringFunc(string(text), func(m string) string {
		command := example.FindStringSubmatch(m)[1]
		out, ok := r.printed[command]
		if !ok {
			r.Errorf("docs/json.md shows rung %s, which this test does not run", command)
			return m
		}
		for _, s := range steady {
			out = s.what.ReplaceAllString(out, s.to)
		}
		return "<!-- rung " + command + " -->\n```json\n" + out + "```"
	})
	if err := os.WriteFile(jsonDocs, []byte(new), 0o644); err != nil {
		r.Fatal(err)
	}
}
