package templates

import (
	"testing"

	"rung/internal/pgtest"
)

// Another role, or the same one at another time, may have another search_path.
func TestEnumInPlaceNamesTheSchema(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]set{
		"enum-rename": {"type": "status", "map": "todo=pending"},
		"enum-add":    {"type": "status", "map": "todo=pending", "values": "pending,in_progress,stuck,done"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, tasks+`CREATE SCHEMA app; CREATE TYPE app.status AS ENUM ('todo', 'in_progress', 'done')`)
			files := mustExpand(t, url, name, p)
			pgtest.Exec(t, url, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$")
			mustUp(t, url, files)
			wantValues(t, url, "app.status", "'todo','in_progress','done'")
			if name == "enum-rename" {
				wantValues(t, url, "public.status", "'pending','in_progress','done'")
				mustDown(t, url, files)
				wantValues(t, url, "public.status", "'todo','in_progress','done'")
			}
		})
	}
}
