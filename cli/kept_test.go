package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The sandbox at a directory's head is kept for the next rung new, which finds the same
// there; another directory has another one, and only the last few stay.
func TestSandboxIsKept(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("RUNG_KEEP_SANDBOX", "")
	t.Setenv("DATABASE_URL", "")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("000001_users.up.sql", "CREATE TABLE users (id int PRIMARY KEY, age int)")
	expand := func(column string) string {
		t.Helper()
		var out, errs bytes.Buffer
		code := Run([]string{"rung", "--dir", dir, "new", "x", "--template", "change-type", "--set", "table=users", "--set", "column=" + column, "--set", "type=bigint", "--set", "way=direct", "--print"},
			strings.NewReader(""), &out, &errs)
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		return out.String()
	}
	kept := func() []os.DirEntry {
		t.Helper()
		all, err := os.ReadDir(filepath.Join(cache, "rung", "sandboxes"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := expand("age")
	if all := kept(); len(all) != 1 {
		t.Fatalf("kept: %v", all)
	}
	// To see that it is this one that is used: it is of no use now, and is made again.
	one := filepath.Join(cache, "rung", "sandboxes", kept()[0].Name())
	if second := expand("age"); second != first {
		t.Errorf("from a kept sandbox:\n%s", second)
	}
	if err := os.RemoveAll(filepath.Join(one, "data", "global")); err != nil {
		t.Fatal(err)
	}
	if third := expand("age"); third != first {
		t.Errorf("from one that is broken:\n%s", third)
	}
	if _, err := os.Stat(filepath.Join(one, "data", "global")); err != nil {
		t.Errorf("it was not made again: %v", err)
	}
	for _, column := range []string{"a", "b", "c", "d"} {
		write("00000"+string('2'+column[0]-'a')+"_more.up.sql", "ALTER TABLE users ADD "+column+" int")
		expand(column)
	}
	if all := kept(); len(all) != mostKept {
		t.Errorf("%d are kept, not %d", len(all), mostKept)
	}
}
