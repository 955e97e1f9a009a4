package pgconn

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"rung/internal/script"
)

// The server counts characters of the whole message; a person wants the line
// and column of the file.
func TestMessageFind(t *testing.T) {
	const sql = "\xef\xbb\xbf-- Größe 🐘\r\nSELECT 1,\r\n\t'🐘',\twrong;\r\n/* é */ SELECT 2; SELECT\t🐘\r\n"
	s := load(t, pairs{"1_a.up.sql": sql}).Migrations[0].Up
	m := &Message{}
	m.Say("BEGIN; -- ünïcödé 🐘\n")
	for i := range s.Parsed.Statements {
		m.Statement(s, i)
		m.Say("SELECT 'between 🐘';\n")
	}
	text := m.Text.String()
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
		p, pos, ok := m.Find(position)
		if !ok || p.Statement != c.statement || pos != c.pos {
			t.Errorf("%q: statement %d at %v, %t; want %d at %v", c.find, p.Statement, pos, ok, c.statement, c.pos)
		}
	}
	for _, position := range []string{"", "0", "-1", "x", "1", fmt.Sprint(utf8.RuneCountInString(text) + 1), fmt.Sprint(utf8.RuneCountInString(text[:strings.Index(text, "'between")]) + 1)} {
		if p, pos, ok := m.Find(position); ok {
			t.Errorf("%q: statement %d at %v", position, p.Statement, pos)
		}
	}
}

// An unfinished last statement fails at the semicolon that rung adds, which
// the file does not have.
func TestMessageFindAtTheEnd(t *testing.T) {
	for _, sql := range []string{"SELECT 1 +", "SELECT 1 +\n", "SELECT 1 + -- and?", "SELECT 1 +\n\n-- and?\n"} {
		s := load(t, pairs{"1_a.up.sql": sql}).Migrations[0].Up
		m := &Message{}
		m.Say("BEGIN;\n")
		m.Statement(s, 0)
		text := m.Text.String()
		p, pos, ok := m.Find(fmt.Sprint(strings.LastIndex(text, ";") + 1))
		if !ok || p.Statement != 0 || pos != (script.Pos{Line: 1, Col: 11}) {
			t.Errorf("%q: statement %d at %v, %t", sql, p.Statement, pos, ok)
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
		if got := Walk(from, c.text, c.chars); got != c.want {
			t.Errorf("%q and %d: %v, want %v", c.text, c.chars, got, c.want)
		}
	}
}
