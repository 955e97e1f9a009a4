package script

import (
	"slices"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	names := map[Kind]string{Other: "other", Word: "word", Quoted: "quoted", Literal: "literal", Dollar: "dollar", Comment: "comment", Blank: "blank"}
	for text, want := range map[string][]string{
		`a$$ = 'it''s'`:          {"word a$$", "blank  ", "other =", "blank  ", "literal 'it''s'"},
		`E'\'' "a""b" /* /**/*/`: {`literal E'\''`, "blank  ", `quoted "a""b"`, "blank  ", "comment /* /**/*/"},
		"$x$ ' $x$;-- ;\n$1":     {"dollar $x$ ' $x$", "other ;", "comment -- ;", "blank \n", "other $1"},
		"type'x' 'never closed":  {"word type", "literal 'x'", "blank  ", "literal 'never closed"},
		"":                       nil,
	} {
		var got []string
		var all strings.Builder
		for tok := range Tokens(text) {
			got = append(got, names[tok.Kind]+" "+text[tok.From:tok.To])
			all.WriteString(text[tok.From:tok.To])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
		if all.String() != text {
			t.Errorf("%q: the tokens are %q together", text, all.String())
		}
	}
}
