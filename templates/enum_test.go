package templates

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
	"rung/templates/internal/sqltext"
)

// set is a template's, as --set gives them.
type set map[string]string

// expand writes a template's files for a database.
func expand(t *testing.T, url, name string, p set) ([]File, *Input, error) {
	t.Helper()
	all, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	in := &Input{Name: "change", Params: map[string]string{}}
	for k, v := range p {
		in.Params[k] = v
	}
	if url != "" {
		db, err := sql.Open("postgres", url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		in.DB = &Catalog{Conn: conn}
	}
	files, err := all.Expand(t.Context(), name, in)
	return files, in, err
}

func mustExpand(t *testing.T, url, name string, p set) []File {
	t.Helper()
	files, _, err := expand(t, url, name, p)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// ladder is a runner over a template's files.
func ladder(t *testing.T, url string, files []File) *runner.Runner {
	t.Helper()
	m := fstest.MapFS{}
	for i, f := range files {
		m[fmt.Sprintf("%d_change.up.sql", i+1)] = &fstest.MapFile{Data: []byte(f.Up)}
		m[fmt.Sprintf("%d_change.down.sql", i+1)] = &fstest.MapFile{Data: []byte(f.Down)}
	}
	d, err := runner.Load(m, "sql")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := pq.NewConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	r, err := runner.New(runner.Config{Conn: cfg, Dir: d})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustUp(t *testing.T, url string, files []File) {
	t.Helper()
	if _, err := ladder(t, url, files).Up(context.Background(), runner.UpRequest{}); err != nil {
		t.Fatalf("%v\nin: %s", err, texts(files))
	}
}

func mustDown(t *testing.T, url string, files []File) {
	t.Helper()
	if _, err := ladder(t, url, files).Down(context.Background(), runner.Request{Steps: len(files)}); err != nil {
		t.Fatalf("%v\nin: %s", err, texts(files))
	}
}

var upAll runner.UpRequest

func texts(files []File) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "---- %s up ----\n%s\n---- down ----\n%s\n", f.Suffix, f.Up, f.Down)
	}
	return b.String()
}

// sameDump fails where two dumps differ, with the lines that do.
func sameDump(t *testing.T, what, before, after string) {
	t.Helper()
	if before == after {
		return
	}
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var diff []string
	for _, l := range a {
		if !sqltext.Has(b, l) {
			diff = append(diff, "- "+l)
		}
	}
	for _, l := range b {
		if !sqltext.Has(a, l) {
			diff = append(diff, "+ "+l)
		}
	}
	if len(diff) == 0 {
		diff = []string{"(the same lines in another order)"}
	}
	t.Errorf("%s: the dump differs:\n%s", what, strings.Join(diff, "\n"))
}

// byPgDump reports whether a dump is one, and not a snapshot of a server that is
// too new for it.
func byPgDump(dump string) bool { return strings.HasPrefix(dump, "--\n-- PostgreSQL database dump") }

const valuesOf = "SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = '%s'::regtype"

func wantValues(t *testing.T, url, typ, want string) {
	t.Helper()
	if got := pgtest.QueryString(t, url, fmt.Sprintf(valuesOf, typ)); got != want {
		t.Errorf("labels of %s: got %s, want %s", typ, got, want)
	}
}

// wantRefusal fails unless a template refuses with these words.
func wantRefusal(t *testing.T, url, name string, p set, words ...string) {
	t.Helper()
	files, _, err := expand(t, url, name, p)
	if err == nil {
		t.Errorf("%s %v: not refused:\n%s", name, p, texts(files))
		return
	}
	said := err.Error()
	if m, ok := err.(*Mistake); ok { //nolint:errorlint // a Mistake is never wrapped
		said += " · " + m.Hint
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("%s %v: said %q, which lacks %q", name, p, said, w)
		}
	}
}
