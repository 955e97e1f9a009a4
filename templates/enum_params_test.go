package templates

import (
	"testing"

	"rung/internal/pgtest"
	"rung/templates/internal/words"
)

// A value that was forgotten is not taken for an empty one, and what the hint
// says to write can be pasted into a shell.
func TestEnumMapSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE e AS ENUM ('a', '', 'it''s'); CREATE TABLE t (e e); INSERT INTO t VALUES ('it''s')`)
	for _, wrong := range []string{"a=", "=a", "a=,it's=b"} {
		wantRefusal(t, url, "enum", set{"type": "e", "map": wrong}, "map is not a list of from=to", "empty")
	}
	wantRefusal(t, url, "enum-swap", set{"type": "e", "values": "a,''"}, `--set "map=it's=a"`)
	mustExpand(t, url, "enum-rename", set{"type": "e", "map": "''=none"})
}

// Double quotes would split a value at its comma, silently.
func TestDoubleQuotesDoNotQuote(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE e AS ENUM ('a', '"b"', '5"')`)
	for _, p := range [][]string{
		{"type=e", `values=a,"top, now"`},
		{"type=e", `values=a,5"`},
		{"type=e", `map=a="b`},
		{"type=e", `map="b"=c`},
	} {
		r.refused("enum", params(p...), "double quotes", "single quotes do")
	}
	r.add("enum-rename", params("type=e", `map='"b"'='"top, now"','5"'=5" long`))
	r.add("enum-add", params("type=e", `values=a,'"b"','5"','"'`))
	if _, err := words.SplitList(`in "the" middle`); err != nil {
		t.Error(err)
	}
}
