package templates

import (
	"testing"

	"rung/templates/internal/sqltext"
)

func TestIndentLeavesQuotesAlone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\nb":                               "a\n  b",
		"'a\nb',\n'c''\nd'":                  "'a\nb',\n  'c''\nd'",
		"'a\nb'\n'c''\nd'":                   "'a\nb'\n'c''\nd'", // one string, in two pieces
		"E'\\'\n'\nx":                        "E'\\'\n'\n  x",
		"type'\\',\n'\n'":                    "type'\\',\n  '\n'",
		"\"it's\n\"\n'\n'":                   "\"it's\n\"\n  '\n'",
		"$$'\n$$\n$a$\n$$\n$a$\n":            "$$'\n$$\n  $a$\n$$\n$a$",
		"a$$\nb$$\n$1":                       "a$$\n  b$$\n  $1",
		"-- it's\na -- that's\n/* it's */\n": "-- it's\n  a -- that's\n  /* it's */",
		"é'\n'\n→\n'":                        "é'\n'\n  →\n  '",
	} {
		if got := sqltext.Indent(2, in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTidyLeavesStringsAlone(t *testing.T) {
	t.Parallel()
	in := "\n\nSELECT 'a \n\n\n b' , \n\n \n  $f$ \n\n\n x -- it's \n'c \n'$f$;\n "
	want := "SELECT 'a \n\n\n b' ,\n\n  $f$\n\n x -- it's\n'c \n'$f$;\n"
	if got := Tidy(in); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
