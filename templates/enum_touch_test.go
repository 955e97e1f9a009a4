package templates

import (
	"testing"

	"rung/internal/pgtest"
)

// ALTER PROCEDURE has no COST.
func TestEnumTouchesProcedures(t *testing.T) {
	for _, name := range []string{"enum-swap", "enum-online", "enum-to-text"} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, tasks+`
CREATE PROCEDURE finish() LANGUAGE plpgsql AS $$ BEGIN UPDATE tasks SET status = 'done'; END $$;
CREATE PROCEDURE guarded(n int) LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN UPDATE tasks SET status = 'done' WHERE id = n; END $$`)
			p := set{"type": "status"}
			if name != "enum-to-text" {
				p["values"] = "done,in_progress,todo"
			}
			files := mustExpand(t, url, name, p)
			mustUp(t, url, files)
			pgtest.Exec(t, url, "CALL finish(); CALL guarded(1)")
		})
	}
}
