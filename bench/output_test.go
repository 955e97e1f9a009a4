package main

import (
	"strings"
	"testing"
)

func TestTellingLine(t *testing.T) {
	for _, c := range []struct{ name, output, want string }{
		{"nothing", "", ""},
		{"the last line", "one\ntwo\n\n", "two"},
		{"the error, not the caret below it", "ok 1\nERROR: no such table\n   ^\n", "ERROR: no such table"},
		{"no error in a longer word", "terrors\nend\n", "end"},
		{"cut", strings.Repeat("é", 200), strings.Repeat("é", 160) + "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := tellingLine([]byte(c.output)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
