package fleet

import (
	"errors"
	"strings"
	"testing"

	"rung/runner"
)

func TestRead(t *testing.T) {
	got, err := Read(strings.NewReader("\ufeff# the customers\n\na  postgres://u:p@h1/a\r\n\tb\thost=h2 dbname=b user=u port=6432\n"), "t.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Name != "a" || got[0].server() != "h1:5432" || got[1].Name != "b" || got[1].server() != "h2:6432" || got[1].Conn.Database != "b" {
		t.Errorf("read %+v", got)
	}
}

// TestReadMistakes: all mistakes at once, each with its line, and no password.
func TestReadMistakes(t *testing.T) {
	_, err := Read(strings.NewReader("a postgres://h/a\nb\na postgres://h/b\nc postgrs://u:secret@h/c\npostgres://u:secret@h/d\nx\x01 postgres://h/e\n"), "t.txt")
	var bad *runner.BadFilesError
	if !errors.As(err, &bad) {
		t.Fatalf("%v", err)
	}
	var lines []int
	for _, p := range bad.Problems {
		lines = append(lines, p.Line)
		if s := p.String(); !strings.HasPrefix(s, "t.txt:") || strings.Contains(s, "secret") {
			t.Errorf("%q", s)
		}
	}
	if len(lines) != 5 || lines[0] != 2 || lines[1] != 3 || lines[4] != 6 {
		t.Errorf("problems in lines %v: %v", lines, err)
	}
	if _, err := Read(strings.NewReader("# none\n"), "t.txt"); err == nil || !strings.Contains(err.Error(), "t.txt names no target") {
		t.Errorf("an empty list: %v", err)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"tenant_*", "tenant_1", true},
		{"tenant_*", "tenant_", true},
		{"tenant_*", "atenant_1", false},
		{"tenant_?", "tenant_12", false},
		{"tenant_?", "tenant_ü", true},
		{"*", "a/b", true},
		{"a.c", "abc", false},
		{"a+(", "a+(", true},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXbYbZ", false},
		{"*ab", "aab", true},
		{"*ab", "aba", false},
		{"**?", "", false},
		{"**", "", true},
		{"a\nb*", "a\nb", true},
		{"?*?", "x", false},
	} {
		if got := Match(c.pattern, c.name); got != c.want {
			t.Errorf("Match(%q, %q) is %v", c.pattern, c.name, got)
		}
	}
}

func TestSelect(t *testing.T) {
	all := []Target{{Name: "a1"}, {Name: "a2"}, {Name: "b1"}}
	for _, c := range []struct {
		only, skip []string
		want, err  string
	}{
		{nil, nil, "a1 a2 b1", ""},
		{[]string{"a*"}, nil, "a1 a2", ""},
		{[]string{"a1", "b1"}, nil, "a1 b1", ""},
		{[]string{"a*"}, []string{"a2"}, "a1", ""},
		{[]string{"a*", "c1"}, nil, "", "--only c1 fits none of the 3 targets"},
		{nil, []string{"A1"}, "", "--skip A1 fits none of the 3 targets"},
		{nil, []string{"*"}, "", "no target is left"},
	} {
		kept, err := Select(all, c.only, c.skip)
		var names []string
		for _, k := range kept {
			names = append(names, k.Name)
		}
		if got := strings.Join(names, " "); got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("Select(%v, %v) is %q, %v", c.only, c.skip, got, err)
		}
	}
}
