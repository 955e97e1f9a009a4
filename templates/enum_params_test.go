package templates

import (
	"testing"

	"rung/internal/pgtest"
)

// A label that was forgotten is not taken for an empty one, and what the hint
// says to write can be pasted into a shell.
func TestEnumMapSaysWhatIsMissing(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE e AS ENUM ('a', '', 'it''s'); CREATE TABLE t (e e); INSERT INTO t VALUES ('it''s')`)
	for _, wrong := range []string{"a=", "=a", "a=,it's=b"} {
		wantRefusal(t, url, "enum", set{"type": "e", "map": wrong}, "map is not a list of from=to", "stands in quotes")
	}
	wantRefusal(t, url, "enum-swap", set{"type": "e", "values": "a,''"}, `--set 'map=it'\''s=a'`)
	mustExpand(t, url, "enum-rename", set{"type": "e", "map": "''=none"})
}
