package templates

import (
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
)

// Each file with batches is run by a role of its own, perhaps: what row security
// hides from that one would be passed over, and lost with the contract.
func TestChangeTypeForcedRowSecurity(t *testing.T) {
	t.Parallel()
	all := newRig(t, `CREATE ROLE ct_forced LOGIN; GRANT ALL ON SCHEMA public TO ct_forced;
CREATE TABLE f (id int PRIMARY KEY, n int); INSERT INTO f VALUES (1, 1), (2, 2); ALTER TABLE f OWNER TO ct_forced;
ALTER TABLE f ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON f USING (id < 2);
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ct_forced', current_database()); END $$`)
	t.Cleanup(func() {
		pgtest.Exec(t, all.url, "REASSIGN OWNED BY ct_forced TO postgres; DROP OWNED BY ct_forced; DROP ROLE ct_forced")
	})
	r := &rig{T: t, url: pgtest.AsUser(t, all.url, "ct_forced"), files: fstest.MapFS{}}
	r.add("change-type", params("table=f", "column=n", "type=bigint"))
	stops := func(when string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "row security hides rows of f") {
			t.Fatalf("%s: %v", when, err)
		}
		all.exec("ALTER TABLE f NO FORCE ROW LEVEL SECURITY")
	}
	stops("add", r.tryUp(1))
	r.up(1)
	all.exec("ALTER TABLE f FORCE ROW LEVEL SECURITY")
	stops("fill", r.tryUp(1))
	r.up(0)
	all.exec("ALTER TABLE f FORCE ROW LEVEL SECURITY")
	stops("contract", r.tryDown(1))
	r.down(r.next)
	all.rows("SELECT id, n FROM f ORDER BY id", "1|1", "2|2")
}
