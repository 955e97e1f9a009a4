package templates

import (
	"testing"

	"rung/internal/pgtest"
)

// Another session's temporary table is no place that a file can name.
func TestEnumRefusesTemporaryTables(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, tasks)
	openSession(t, url, "CREATE TEMP TABLE scratch (id int PRIMARY KEY, s status)")()
	for name, p := range map[string]set{
		"enum-swap":    {"type": "status", "values": "todo,in_progress"},
		"enum-online":  {"type": "status", "values": "todo,in_progress"},
		"enum-retire":  {"type": "status", "map": "done=in_progress"},
		"enum-to-text": {"type": "status"},
	} {
		wantRefusal(t, url, name, p, "the temporary table pg_temp_", ".scratch has the type", "its session")
	}
}
