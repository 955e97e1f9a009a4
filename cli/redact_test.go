package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
)

// TestNoPassword runs every command in every form of output, with addresses
// good and bad that hold a password, given in every way; nothing listens there.
func TestNoPassword(t *testing.T) {
	addresses := []string{
		"postgres://u:s3cret%2F@127.0.0.1:1/db",
		"postgres://u:s3cret%2F%zz@127.0.0.1:1/db",
		"postgres://u:s3cret/@127.0.0.1:1/db",
		"postgres://u:s3cret?@127.0.0.1:1/db",
		"postgres://u:s3cret@h@127.0.0.1:x/db",
		"postgres://u:12s3cret/@127.0.0.1:1/db",
		"postgres://u:12/s3cret@127.0.0.1:1/db",
		"postgres://u:12?s3cret@127.0.0.1:1/db",
		"postgres://127.0.0.1:1/db?password=s3cret&sslmode=maybe",
		"mysql://u:s3cret@127.0.0.1/db",
		"u:s3cret@127.0.0.1/db",
		"host=127.0.0.1 port=1 password=s3cret",
		"host=127.0.0.1 port=1 password = 's3cret and more' sslmode=maybe",
		"host=127.0.0.1 password='s3cret",
		"host=127.0.0.1 password= s3cret x",
	}
	commands := [][]string{
		{"up"},
		{"up", "--to", "x"},
		{"up", "--frob"},
		{"down", "--to", "0", "--yes"},
		{"redo"},
		{"status"},
		{"plan"},
		{"plan", "--sql"},
		{"validate"},
		{"baseline", "--to", "1"},
		{"repair"},
		{"history"},
		{"wait", "--wait=0"},
		{"dump"},
		{"pause"},
		{"frob"},
	}
	dir := t.TempDir()
	t.Chdir(dir)
	file := filepath.Join(dir, "url")
	write(t, filepath.Join(dir, "sql", "1_a.up.sql"), "SELECT 1;\n")
	for _, address := range addresses {
		write(t, file, address+"\n")
		for _, command := range commands {
			for _, form := range []string{"--json", "--log-format=json", "--verbose"} {
				args := slices.Clip(slices.Concat([]string{"rung"}, command, []string{form})) // every append copies
				for way, words := range map[string][]string{
					"flag":                append(args, "--database-url", address),
					"flag with =":         append(args, "--database-url="+address),
					"DATABASE_URL":        args,
					"DATABASE_URL_FILE":   args,
					"argument":            append(args, address),
					"command":             append([]string{"rung", address}, args[1:]...),
					"unknown flag":        append(args, "--url="+address),
					"flag without dashes": append(args, "database-url="+address),
				} {
					t.Setenv("DATABASE_URL", "")
					t.Setenv("DATABASE_URL_FILE", "")
					switch way {
					case "DATABASE_URL":
						t.Setenv(way, address)
					case "DATABASE_URL_FILE":
						t.Setenv(way, file)
					}
					var out bytes.Buffer
					code := Run(words, strings.NewReader(""), &out, &out)
					if code == fault.ExitDone || out.Len() == 0 {
						t.Errorf("%q by %s: exit status %d, and printed %q", words, way, code, out.String())
					}
					if strings.Contains(out.String(), "s3cret") {
						t.Errorf("%q by %s printed the password: %s", words, way, out.String())
					}
				}
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A diff shows what was edited, and no password that stands in it.
func TestNoPasswordInDiffs(t *testing.T) {
	url := pgtest.URL(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1_r.up.sql"), "ALTER ROLE r PASSWORD 'hunter2';\n")
	call := func(args ...string) string {
		var out, errs bytes.Buffer
		Run(append([]string{"rung", "--dir", dir, "--database-url", url}, args...), strings.NewReader(""), &out, &errs)
		return out.String() + errs.String()
	}
	call("baseline", "--to", "1")
	write(t, filepath.Join(dir, "1_r.up.sql"), "ALTER ROLE r2 PASSWORD 'hunter3';\n")
	for _, args := range [][]string{{"up"}, {"status"}, {"up", "--json"}, {"validate", "--json"}, {"up", "--log-format", "json"}, {"status", "--json"}} {
		if got := call(args...); strings.Contains(got, "hunter") || !strings.Contains(got, "ALTER ROLE r2 PASSWORD '*******'") {
			t.Errorf("%v: %s", args, got)
		}
	}
}
