package templates

import (
	"testing"

	"rung/internal/pgtest"
)

func TestEnumSwapDefaultPrivileges(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`CREATE ROLE usual; CREATE VIEW older AS SELECT status FROM tasks;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO usual; CREATE VIEW newer AS SELECT status FROM tasks;
ALTER DEFAULT PRIVILEGES REVOKE TRIGGER ON TABLES FROM CURRENT_USER; CREATE VIEW newest AS SELECT status FROM tasks`)
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY usual; DROP ROLE usual") })
	swapped(t, url, permutation)
}

func TestEnumSwapOwners(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`CREATE ROLE typist LOGIN; ALTER TYPE status OWNER TO typist; GRANT ALL ON tasks, empty TO typist; GRANT ALL ON SCHEMA public TO typist`)
	t.Cleanup(func() {
		pgtest.Exec(t, url, "REASSIGN OWNED BY typist TO postgres; DROP OWNED BY typist; DROP ROLE typist")
	})
	wantRefusal(t, pgtest.AsUser(t, url, "typist"), "enum-swap", permutation, "does not own public.", "owner is postgres", "--role")
	wantRefusal(t, pgtest.AsUser(t, url, "typist"), "enum-to-text", set{"type": "status"}, "does not own public.")
	pgtest.Exec(t, url, "DROP TABLE empty")
	wantRefusal(t, pgtest.AsUser(t, url, "typist"), "enum-retire", set{"type": "status", "map": "done=todo"}, "does not own public.tasks")
}
