package secret

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLiterals(t *testing.T) {
	for text, want := range map[string]string{
		"INSERT INTO k VALUES ('s3cret', 42, 4.5)":  "INSERT INTO k VALUES ('******', **, ***)",
		`E'a\'b' 'it''s' "a'b" x1`:                  `E'****' '*****' "a'b" x1`,
		"-- don't\nSELECT 'x' /* it's */ 'y'":       "-- don't\nSELECT '*' /* it's */ '*'",
		"DO $$BEGIN PERFORM 'a'; END$$; $1 $a$b$a$": "DO $$**********************$$; $1 $a$*$a$",
		"'two\nlines' 'cut":                         "'***\n*****' '***",
		"SELECT 'ü' AS größe, t.c2":                 "SELECT '*' AS größe, t.c2",
	} {
		got, _ := Literals(text)
		if got != want {
			t.Errorf("Literals(%q)\n is %q\nnot %q", text, got, want)
		}
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(text) || strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("Literals(%q) has another length, or other lines", text)
		}
	}
	_, values := Literals("DO $$BEGIN RAISE 'the token is abc'; END$$; SELECT 'x', 'it''s me', 12")
	for text, want := range map[string]string{
		"the token is abc":                    "****************",
		`invalid input syntax: "x"`:           `invalid input syntax: "*"`,
		"it's me, and x stays, and 12 of 120": "*******, and x stays, and 12 of 120",
		"Key (a)=(12) already exists":         "Key (a)=(**) already exists",
	} {
		if got := Values(text, values); got != want {
			t.Errorf("Values(%q) is %q, not %q", text, got, want)
		}
	}
}
