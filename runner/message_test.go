package runner

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rung/internal/script"
)

// The server counts characters of the whole message; a person wants the line
// and column of the file.
func TestMessageFind(t *testing.T) {
	const sql = "\xef\xbb\xbf-- Größe 🐘\r\nSELECT 1,\r\n\t'🐘',\twrong;\r\n/* é */ SELECT 2; SELECT\t🐘\r\n"
	s := load(t, pairs{"1_a.up.sql": sql}).Migrations[0].Up
	m := &message{}
	m.say("BEGIN; -- ünïcödé 🐘\n")
	for i := range s.Parsed.Statements {
		m.statement(s, i)
		m.say("SELECT 'between 🐘';\n")
	}
	text := m.b.String()
	for _, c := range []struct {
		find      string
		nth       int
		statement int
		pos       script.Pos
	}{
		{"-- Größe", 1, 0, script.Pos{Line: 1, Col: 1}},
		{"SELECT 1", 1, 0, script.Pos{Line: 2, Col: 1}},
		{"'🐘'", 1, 0, script.Pos{Line: 3, Col: 2}},
		{"wrong", 1, 0, script.Pos{Line: 3, Col: 7}}, // a tab is one character
		{"SELECT 2", 1, 1, script.Pos{Line: 4, Col: 9}},
		{"SELECT\t🐘", 1, 2, script.Pos{Line: 4, Col: 19}},
		{"\t🐘", 1, 2, script.Pos{Line: 4, Col: 25}},
	} {
		at := strings.Index(text, c.find)
		position := fmt.Sprint(utf8.RuneCountInString(text[:at]) + 1)
		p, pos, ok := m.find(position)
		if !ok || p.statement != c.statement || pos != c.pos {
			t.Errorf("%q: statement %d at %v, %t; want %d at %v", c.find, p.statement, pos, ok, c.statement, c.pos)
		}
	}
	for _, position := range []string{"", "0", "-1", "x", "1", fmt.Sprint(utf8.RuneCountInString(text) + 1), fmt.Sprint(utf8.RuneCountInString(text[:strings.Index(text, "'between")]) + 1)} {
		if p, pos, ok := m.find(position); ok {
			t.Errorf("%q: statement %d at %v", position, p.statement, pos)
		}
	}
}

// An unfinished last statement fails at the semicolon that rung adds, which
// the file does not have.
func TestMessageFindAtTheEnd(t *testing.T) {
	for _, sql := range []string{"SELECT 1 +", "SELECT 1 +\n", "SELECT 1 + -- and?", "SELECT 1 +\n\n-- and?\n"} {
		s := load(t, pairs{"1_a.up.sql": sql}).Migrations[0].Up
		m := &message{}
		m.say("BEGIN;\n")
		m.statement(s, 0)
		text := m.b.String()
		p, pos, ok := m.find(fmt.Sprint(strings.LastIndex(text, ";") + 1))
		if !ok || p.statement != 0 || pos != (script.Pos{Line: 1, Col: 11}) {
			t.Errorf("%q: statement %d at %v, %t", sql, p.statement, pos, ok)
		}
	}
}

func TestWalk(t *testing.T) {
	from := script.Pos{Line: 3, Col: 5}
	for _, c := range []struct {
		text  string
		chars int
		want  script.Pos
	}{
		{"abc", 0, script.Pos{Line: 3, Col: 5}},
		{"abc", 2, script.Pos{Line: 3, Col: 7}},
		{"abc", 3, script.Pos{Line: 3, Col: 8}},
		{"abc", 99, script.Pos{Line: 3, Col: 8}},
		{"a\nb", 2, script.Pos{Line: 4, Col: 1}},
		{"\n\n\tb", 3, script.Pos{Line: 5, Col: 2}},
		{"é🐘x", 2, script.Pos{Line: 3, Col: 7}},
		{"a\rb", 2, script.Pos{Line: 3, Col: 7}},
	} {
		if got := walk(from, c.text, c.chars); got != c.want {
			t.Errorf("%q and %d: %v, want %v", c.text, c.chars, got, c.want)
		}
	}
}

func TestMarks(t *testing.T) {
	if n, pid, ok := readMark("abc", "rung:abc:12:345"); n != 12 || pid != 345 || !ok {
		t.Error(n, pid, ok)
	}
	if n, _, ok := readMark("abc", "rung:abc:-1:345"); n != markEnd || !ok {
		t.Error(n, ok)
	}
	if n, pid, ok := readMark("abc", "rung:abc:7"); n != 7 || pid != 0 || !ok {
		t.Error(n, pid, ok)
	}
	if n, pid, ok := readMark("abc", "rung:abc:7@00:00:01.5"); n != 7 || pid != 0 || !ok {
		t.Error(n, pid, ok)
	}
	// A file that says what a mark says is not believed.
	for _, text := range []string{"", "rung:other:1:2", "rung:abc:", "rung:abc:x", "rung:abc:1:", "rung:abc:x:1", "rung:abc:1:x", "rung:abc:1:2:3", " rung:abc:1:2"} {
		if n, pid, ok := readMark("abc", text); ok {
			t.Errorf("%q: %d, %d", text, n, pid)
		}
	}
}

func TestClocksOfMarks(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00:00:00.001234": 1234 * time.Microsecond, "00:01:02": 62 * time.Second, "100:00:00.5": 100*time.Hour + time.Second/2,
		"1 day 02:03:04": 26*time.Hour + 3*time.Minute + 4*time.Second, "2 days 00:00:00": 48 * time.Hour,
		"0:00:00.25": time.Second / 4, "1 2:00:00": 26 * time.Hour,
		"PT0.001234S": 1234 * time.Microsecond, "P1DT2H3M4S": 26*time.Hour + 3*time.Minute + 4*time.Second,
		"@ 0.001234 secs": 1234 * time.Microsecond, "@ 1 day 2 hours 3 mins 4 secs": 26*time.Hour + 3*time.Minute + 4*time.Second,
	} {
		if got, ok := readClock("rung:abc:7@" + text); got != want || !ok {
			t.Errorf("%s: %s, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "rung:abc:7", "rung:abc:7@", "rung:abc:7@soon"} {
		if got, ok := readClock(text); ok {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestConcurrentIndex(t *testing.T) {
	name := func(s string) *string { return &s }
	for sql, want := range map[string]*indexTarget{
		"CREATE INDEX CONCURRENTLY i ON t (a)":                               {"T", name("i")},
		"create unique index concurrently if not exists I_x on only s.t (a)": {"S.T", name("i_x")},
		`CREATE INDEX CONCURRENTLY "My ""Index" ON "S"."T" USING gin (a)`:    {`"S"."T"`, name(`My "Index`)},
		"CREATE INDEX CONCURRENTLY ON db.s.t (a)":                            {"DB.S.T", nil},
		"CREATE INDEX CONCURRENTLY ÄÖ_Index ON Tä (a)":                       {"Tä", name("ÄÖ_index")}, // only ASCII is folded
		"CREATE INDEX CONCURRENTLY " + strings.Repeat("ä", 40) + " ON t (a)": {"T", name(strings.Repeat("ä", 31))},
		"CREATE INDEX i ON t (a)":                                            nil,
		"DROP INDEX CONCURRENTLY i":                                          nil,
		"CREATE INDEX CONCURRENTLY":                                          nil,
		"CREATE INDEX CONCURRENTLY IF NOT EXISTS":                            nil,
		"CREATE INDEX CONCURRENTLY i ON":                                     nil,
	} {
		got, ok := concurrentIndex(one(t, sql).Words)
		switch {
		case want == nil && ok:
			t.Errorf("%s: %+v", sql, got)
		case want != nil && (!ok || got.table != want.table || (got.index == nil) != (want.index == nil) || got.index != nil && *got.index != *want.index):
			t.Errorf("%s: %+v, %t", sql, got, ok)
			if got.index != nil {
				t.Log(*got.index)
			}
		}
	}
}
