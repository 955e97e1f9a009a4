package runner

import (
	"strconv"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// vacuums counts those of a table that a session ran, by the server's own word.
func vacuums(t testing.TB, url, table string) int {
	t.Helper()
	n, err := strconv.Atoi(ask(t, url, "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = '"+table+"'"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBatchVacuum(t *testing.T) {
	t.Parallel()
	const update = "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2"
	for _, c := range []struct {
		name, options, statements string
		want                      int
	}{
		// The batches are of 1000, 1200, 1440, 1728, 2074, 2489 and 69 rows.
		{"auto: whenever a sixth of the table was written", "", update, 4},
		{"auto, a fifth at a time", "rows=2000", update, 4}, // 2000, 2400, 2880, 2720
		{"off", "vacuum=off", update, 0},
		{"after every second batch", "vacuum=2", update, 3},
		{"a statement that leaves no dead rows", "vacuum=1", "INSERT INTO copy SELECT id FROM t WHERE id BETWEEN $1 AND $2", 0},
		{"nor does a SELECT", "vacuum=1", "SELECT id FROM t WHERE id BETWEEN $1 AND $2", 0},
		{"the first of several does", "vacuum=3", update + "; INSERT INTO copy SELECT id FROM t WHERE id BETWEEN $1 AND $2;\n-- rung:end", 2},
		{"DELETE, whose rows go away: the guess stays as it was", "", "DELETE FROM t WHERE id BETWEEN $1 AND $2", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 10_000)
			pgtest.Exec(t, url, "CREATE TABLE copy (id int); ALTER TABLE t SET (autovacuum_enabled = off)") // or ours is skipped
			h := &hearing{}
			rows := " rows=1000 "
			if strings.Contains(c.options, "rows=") {
				rows = " "
			}
			up(t, url, pairs{"1_a.up.sql": "-- rung:batch key=t.id target=1min" + rows + c.options + "\n" + c.statements}, h.listen)
			told := heard[Vacuumed](h)
			if len(told) != c.want || len(told) > 0 && (told[0].Table != "t" || told[0].Took <= 0) {
				t.Errorf("told of %d, not %d: %+v", len(told), c.want, told)
			}
			eventually(t, "the server has counted them", func() bool { return vacuums(t, url, "t") == c.want })
			tiles(t, url)
		})
	}
}

// The table that is vacuumed is the file's, whatever the search_path.
func TestBatchVacuumFindsTheTable(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE SCHEMA "The App"; CREATE TABLE "The App"."The Table" (id int PRIMARY KEY, n int) WITH (autovacuum_enabled = off);
		INSERT INTO "The App"."The Table" SELECT i, 0 FROM generate_series(1, 100) i`)
	up(t, url, pairs{"1_a.up.sql": "SET search_path = \"The App\";\n-- rung:batch key=\"The Table\".id vacuum=1 rows=60\nUPDATE \"The Table\" SET n = n + 1 WHERE id BETWEEN $1 AND $2"})
	eventually(t, "the server has counted them", func() bool { return vacuums(t, url, "The Table") == 2 })
}

// A role that may not vacuum the table does not try, and is told of no error.
func TestBatchVacuumNotAllowed(t *testing.T) {
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, `CREATE ROLE plain LOGIN; GRANT SELECT, UPDATE ON t TO plain;
		DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO plain', current_database()); END$$`)
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY plain; DROP ROLE plain") })
	h := &hearing{}
	up(t, pgtest.AsUser(t, url, "plain"), counting("rows=100 vacuum=1"), h.listen)
	everyOne(t, url)
	if len(heard[Vacuumed](h)) > 0 || len(heard[Notice](h)) > 0 || vacuums(t, url, "t") > 0 {
		t.Errorf("%+v", h.events)
	}
}

// A VACUUM that is ended from outside does not end the backfill, which goes on
// without.
func TestBatchVacuumCancelled(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 3000)
	pgtest.Exec(t, url, "ALTER TABLE t SET (autovacuum_enabled = off); DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET vacuum_cost_delay = 100', current_database()); EXECUTE format('ALTER DATABASE %I SET vacuum_cost_limit = 1', current_database()); END$$")
	h := &hearing{}
	r := startUp(t, url, counting("rows=1000 target=1min vacuum=1"), h.listen)
	eventually(t, "a VACUUM is cancelled", func() bool {
		return ask(t, url, "SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity WHERE application_name = 'rung' AND state = 'active' AND query LIKE 'VACUUM%' AND datname = current_database()") == "1"
	})
	r.mustSucceed()
	everyOne(t, url)
	notices := heard[Notice](h)
	if len(notices) != 1 || notices[0].Severity != "WARNING" || notices[0].Message != "VACUUM t: canceling statement due to user request (57014); the backfill continues without it" {
		t.Errorf("%+v", notices)
	}
	cancelled := false
	for _, e := range h.events {
		switch e.(type) {
		case Notice:
			cancelled = true
		case Vacuumed:
			if cancelled {
				t.Error("it continued with")
			}
		}
	}
}

// slowly lets a VACUUM of a new session take for ever, and at once again.
func slowly(t testing.TB, url string, slow bool) {
	t.Helper()
	set := "SET vacuum_cost_limit = 1; SET vacuum_cost_delay = 100"
	if !slow {
		set = "RESET ALL"
	}
	for _, one := range strings.Split(set, "; ") {
		pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I "+one+"', current_database()); END$$")
	}
}

// vacuumRuns is the condition that a VACUUM of a runner's is at work.
const vacuumRuns = "FROM pg_stat_activity WHERE application_name = 'rung' AND state = 'active' AND query LIKE 'VACUUM%' AND datname = current_database()"

// Batches commit while a VACUUM is at work; the next one that is due waits for it.
func TestBatchVacuumRunsBesideTheBatches(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 3000)
	pgtest.Exec(t, url, "ALTER TABLE t SET (autovacuum_enabled = off)")
	slowly(t, url, true)
	r := startUp(t, url, counting("rows=100 target=1min vacuum=5"))
	eventually(t, "a VACUUM runs", func() bool { return ask(t, url, "SELECT count(*) "+vacuumRuns) == "1" })
	eventually(t, "batches commit beside a VACUUM", func() bool {
		return ask(t, url, "SELECT count(*) = 10 AND EXISTS (SELECT "+vacuumRuns+") FROM rung.batches") == "true"
	})
	is(t, url, "SELECT count(*) FROM rung.batches", "10")
	is(t, url, "SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) "+vacuumRuns, "1")
	r.mustSucceed()
	everyOne(t, url)
}

// Who waits for the table does not wait for a VACUUM, which is done later.
func TestBatchVacuumGivesWay(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]string{
		"between two batches":   "rows=100 target=1min vacuum=5 pause=20ms",
		"after the last batch":  "rows=3000 target=1min vacuum=1",
		"waiting for the first": "rows=1500 target=1min vacuum=1",
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 3000)
			pgtest.Exec(t, url, "ALTER TABLE t SET (autovacuum_enabled = off)")
			slowly(t, url, true)
			h := &hearing{}
			r := startUp(t, url, counting(options), h.listen)
			eventually(t, "a VACUUM runs", func() bool { return ask(t, url, "SELECT count(*) "+vacuumRuns) == "1" })
			slowly(t, url, false)
			pgtest.Exec(t, url, "ALTER TABLE t ADD COLUMN more int")
			r.mustSucceed()
			everyOne(t, url)
			if len(heard[Notice](h)) > 0 || len(heard[Retrying](h)) > 0 {
				t.Errorf("%+v", h.events)
			}
		})
	}
}
