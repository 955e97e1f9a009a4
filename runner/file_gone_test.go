package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// A file that ran in part and is gone is no success of up: neither does it say
// that all is applied, nor does it pass over the version.
func TestHalfRunFileIsGone(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_a.up.sql": "CREATE TABLE a (id int)",
		"2_b.up.sql": "-- rung:no-transaction\nINSERT INTO a VALUES (1);\nSELECT 1/0;\n", "2_b.down.sql": "DELETE FROM a",
	}
	if _, err := upFails(t, url, f); !strings.Contains(err.Error(), "division by zero") {
		t.Fatal(err)
	}
	for name, dir := range map[string]pairs{
		"nothing else pending": f.without("2_b.up.sql", "2_b.down.sql"),
		"another pending":      f.without("2_b.up.sql", "2_b.down.sql").with(pairs{"3_c.up.sql": "SELECT 1"}),
		"its down file left":   f.without("2_b.up.sql"),
	} {
		_, err := upFails(t, url, dir)
		var no *DisagreementError
		if !errors.As(err, &no) || len(no.Findings) != 1 || no.Findings[0].Kind != Missing ||
			!strings.Contains(no.Findings[0].What, "is applied in part: 1 step ran, and sql has no file for it") ||
			no.Findings[0].Fix != "restore its file, so that `rung up` can resume it, or revert it with `rung down`: the down SQL is recorded" {
			t.Errorf("%s: %v", name, err)
		}
	}
	down(t, url, f.without("2_b.up.sql", "2_b.down.sql"), Request{})
	if rep := up(t, url, f.without("2_b.up.sql", "2_b.down.sql")); len(rep.Plan.Warnings) > 0 {
		t.Errorf("%+v", rep.Plan)
	}
}

// Down names every migration that cannot be reverted, from files and from the
// history, and how far it could go.
func TestDownNamesAllItCannotRevert(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_a.up.sql": "SELECT 1", "2_b.up.sql": "SELECT 1", "2_b.down.sql": "-- rung:irreversible the rows are gone\n",
		"3_c.up.sql": "SELECT 1", "3_c.down.sql": "SELECT 1",
		"4_d.up.sql": "SELECT 1", "4_d.down.sql": "-- rung:irreversible nobody knows\n",
		"5_e.up.sql": "SELECT 1", "5_e.down.sql": "SELECT 1",
	}
	up(t, url, f)
	_, err := testRunner(t, url, load(t, f.without("2_b.down.sql", "2_b.up.sql"))).Down(testContext(t), Request{To: version("0")})
	var no *RefusalError
	if !errors.As(err, &no) {
		t.Fatal(err)
	}
	want := "sql/4_d.down.sql is irreversible: nobody knows\nthe recorded 2_b.down.sql is irreversible: the rows are gone\n1_a has no down file, and none was recorded"
	if no.Reason != want || no.Hint != "write down files for those that have none, and a new migration for what is irreversible; `rung down --to 4` reverts what is above them" {
		t.Errorf("%s\n%s", no.Reason, no.Hint)
	}
	is(t, url, "SELECT count(*) FROM rung.migrations", "5")
}

// Another directory on the same history is told so, and not to accept the files.
func TestAnotherDirectoryOnTheHistory(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	up(t, url, pairs{"1_users.up.sql": "CREATE TABLE users ()"})
	_, err := upFails(t, url, pairs{"1_orders.up.sql": "CREATE TABLE orders ()", "2_items.up.sql": "CREATE TABLE items ()"})
	var no *DisagreementError
	if !errors.As(err, &no) || len(no.Findings) != 1 || no.Findings[0].Kind != EditedUp ||
		no.Findings[0].What != "is not what ran as 1_users: name and content differ" || !strings.Contains(no.Findings[0].Fix, "--history-schema") {
		t.Errorf("%v", err)
	}
}
