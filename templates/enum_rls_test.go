package templates

import (
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// The owner is bound by the policies too, and sees no row, while ALTER TABLE
// rewrites them all: which row had which value would be lost without a word.
func TestEnumForcedRowSecurity(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, tasks+`
CREATE ROLE forced LOGIN; GRANT ALL ON SCHEMA public TO forced; ALTER TYPE status OWNER TO forced; ALTER TABLE tasks OWNER TO forced;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON tasks USING (id < 0)`)
	pgtest.Exec(t, url, "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO forced', current_database()); END $$")
	t.Cleanup(func() {
		pgtest.Exec(t, url, "REASSIGN OWNED BY forced TO postgres; DROP OWNED BY forced; DROP ROLE forced")
	})
	as, before := pgtest.AsUser(t, url, "forced"), pgtest.QueryStrings(t, url, "TABLE tasks")
	for name, p := range map[string]set{
		"enum-swap":   {"type": "status", "map": "todo=done"},
		"enum-retire": {"type": "status", "map": "todo=done"},
		"enum-online": {"type": "status", "map": "todo=done"},
	} {
		_, err := ladder(t, as, mustExpand(t, as, name, p)).Up(t.Context(), upAll)
		if err == nil || !strings.Contains(err.Error(), "row security hides rows of") {
			t.Errorf("%s: %v", name, err)
		}
		if got := pgtest.QueryStrings(t, url, "TABLE tasks"); !slices.Equal(got, before) {
			t.Error(name, got)
		}
	}
}
