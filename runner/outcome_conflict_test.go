package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// late is what a runner that was killed leaves behind: a server session that is
// about to commit something to the history.
func late(t *testing.T, url, statements string) (commit func()) {
	t.Helper()
	tx, rollback := begin(t, url)
	t.Cleanup(rollback)
	if _, err := tx.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

const lateThree = `CREATE TABLE c ();
INSERT INTO rung.migrations (version, name, state, up_checksum, down_checksum, down_sql, run, rung_version)
SELECT 3, 'c', 'applied', '3', encode(sha256('DROP TABLE c'), 'hex'), 'DROP TABLE c', run, rung_version FROM rung.migrations WHERE version = 2`

var abc = pairs{
	"1_a.up.sql": "CREATE TABLE a ();\n", "1_a.down.sql": "DROP TABLE a;\n",
	"2_b.up.sql": "CREATE TABLE b ();\n", "2_b.down.sql": "DROP TABLE b;\n",
	"3_c.up.sql": "CREATE TABLE c ();\n", "3_c.down.sql": "DROP TABLE c;\n",
}

// What a dead runner's session commits while a down begins is what it reverts.
func TestDownWaitsForWhatIsOnTop(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]string{"transactional": "DROP TABLE b;\n", "stepwise": "-- rung:no-transaction\nDROP TABLE b;\nSELECT 1;\n", "repeatable read": "BEGIN ISOLATION LEVEL REPEATABLE READ;\nDROP TABLE b;\nCOMMIT;\n"} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			f := abc.with(pairs{"2_b.down.sql": b})
			up(t, url, f.without("3_c.up.sql", "3_c.down.sql"))
			commit := late(t, url, lateThree)
			h := &hearing{on: once(func(Blocked) { commit() })}
			rep := down(t, url, f, Request{DownFrom: FromRecorded}, h.listen)
			if len(rep.Done) != 1 || rep.Done[0].Version != "3" {
				t.Errorf("%+v", rep.Done)
			}
			is(t, url, "SELECT string_agg(version::text, ' ') FROM rung.migrations", "1 2")
			is(t, url, "SELECT to_regclass('b'), to_regclass('c')", "b|")
		})
	}
}

// Nor does a file come on top of one that a dead runner's session reverts.
func TestUpWaitsForWhatItGoesOnTopOf(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	up(t, url, abc.without("3_c.up.sql"))
	commit := late(t, url, "LOCK rung.migrations IN SHARE ROW EXCLUSIVE MODE; DROP TABLE b; DELETE FROM rung.migrations WHERE version = 2")
	h := &hearing{on: once(func(Blocked) { commit() })}
	rep := up(t, url, abc, h.listen)
	if len(rep.Done) != 2 || rep.Done[0].Version != "2" {
		t.Errorf("%+v", rep.Done)
	}
}

// The late one comes last: its claim must fail, whoever hears of it.
func TestClaimOnTopOfWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"DELETE FROM rung.migrations WHERE version = 2", "UPDATE rung.migrations SET state = 'reverting' WHERE version = 2"} {
		url := pgtest.URL(t)
		up(t, url, abc.without("2_b.up.sql", "3_c.up.sql"))
		h := &hearing{on: once(func(e Finished) {
			if e.Version == "2" {
				pgtest.Exec(t, url, gone)
			}
		})}
		_, err := upFails(t, url, abc.with(pairs{"3_c.up.sql": "BEGIN ISOLATION LEVEL REPEATABLE READ;\nCREATE TABLE c ();\nCOMMIT;\n"}), h.listen)
		var stale *stalePlanError
		if e := failing(t, err); !errors.As(err, &stale) || !strings.Contains(e.Error(), "another session reverts or has reverted version 2, which comes before 3") || e.Hint == "" {
			t.Error(err)
		}
		is(t, url, "SELECT to_regclass('c')", "")
	}
}
