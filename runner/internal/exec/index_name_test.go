package exec

import (
	"strings"
	"testing"

	"rung/internal/script"
)

func TestConcurrentIndex(t *testing.T) {
	name := func(s string) *string { return &s }
	for sql, want := range map[string]*IndexTarget{
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
		case want != nil && (!ok || got.Table != want.Table || (got.Index == nil) != (want.Index == nil) || got.Index != nil && *got.Index != *want.Index):
			t.Errorf("%s: %+v, %t", sql, got, ok)
			if got.Index != nil {
				t.Log(*got.Index)
			}
		}
	}
}

// one is the only statement of a text.
func one(t *testing.T, text string) *script.Statement {
	t.Helper()
	f, err := script.Split(strings.NewReader(text))
	if err != nil || len(f.Statements) != 1 || len(f.Problems) > 0 {
		t.Fatalf("%q: %v, %+v", text, err, f)
	}
	return &f.Statements[0]
}
