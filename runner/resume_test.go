package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// What becomes of a half-run file that is mended before it goes on.

// upWith applies the files as asked, and returns the error.
func upWith(t testing.TB, url string, f files, req UpRequest) error {
	t.Helper()
	_, err := testRunner(t, url, load(t, f)).Up(testContext(t), req)
	return err
}

// A run that insists on a plan may begin with a file that an earlier run left
// in part. When it is interrupted behind that one, the same hash goes on.
func TestPlanHashGoesOnBehindAResumedFile(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE gate (i int)")
	f := files{
		"1_x.up.sql": "-- rung:no-transaction\nCREATE TABLE a ();\nSELECT 1/count(*) FROM gate WHERE i = 1;\n",
		"2_x.up.sql": "SELECT 1/count(*) FROM gate WHERE i = 2;\n",
	}
	_, _ = upFails(t, url, f)
	pgtest.Exec(t, url, "INSERT INTO gate VALUES (1)")
	p, err := testRunner(t, url, load(t, f)).Plan(testContext(t), Up, UpRequest{})
	must(t, err)
	req := UpRequest{PlanHash: p.Hash}
	if err := upWith(t, url, f, req); err == nil {
		t.Fatal("up got through")
	}
	is(t, url, "SELECT string_agg(version || ' ' || state, ', ') FROM rung.migrations", "1 applied")
	pgtest.Exec(t, url, "INSERT INTO gate VALUES (2)")
	must(t, upWith(t, url, f, req))
}

// A mend may take out the last statement that made the file run step by step.
// It goes on at the step where it stopped all the same.
func TestMendedToRunAsOneTransaction(t *testing.T) {
	const head = "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (1);\n"
	for name, c := range map[string]struct{ fails, mended, want string }{
		"the tail is mended":               {head + "CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", head + "CREATE INDEX ax ON a (x);\n", "3 of 3"},
		"the tail is taken out":            {head + "CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", head, "2 of 2"},
		"a group, and the tail is mended":  {"BEGIN;\n" + head + "COMMIT;\nCREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", "BEGIN;\n" + head + "COMMIT;\n", "1 of 1"},
		"a transaction in place of a step": {head + "VACUUM nosuch;\n", head + "SELECT 1;\nDELETE FROM a WHERE false;\n", "4 of 4"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			_, _ = upFails(t, url, files{"1_x.up.sql": c.fails})
			mended := files{"1_x.up.sql": c.mended}
			st, err := testRunner(t, url, load(t, mended)).Status(testContext(t))
			must(t, err)
			if row := st.Rows[0]; row.Mode != Stepwise || row.StepsDone > row.Steps || len(st.Findings) != 1 {
				t.Errorf("status: %+v, %v", row, st.Findings)
			}
			up(t, url, mended)
			is(t, url, "SELECT count(*) FROM a", "2")
			is(t, url, "SELECT count(*) FILTER (WHERE state = 'done') || ' of ' || count(*) FROM rung.steps", c.want)
			if st, err = testRunner(t, url, load(t, mended)).Status(testContext(t)); err != nil || len(st.Findings) > 0 || st.Pending() > 0 {
				t.Errorf("status: %+v, %v", st, err)
			}
		})
	}
}

// What runs alone in a file that goes on step by step is refused before it runs.
func TestMendedToWhatCannotRunStepByStep(t *testing.T) {
	url := pgtest.URL(t)
	const head = "CREATE TABLE a (x int);\n"
	_, _ = upFails(t, url, files{"1_x.up.sql": head + "VACUUM nosuch;\n"})
	_, err := upFails(t, url, files{"1_x.up.sql": head + "SAVEPOINT s;\nSELECT 1;\nRELEASE SAVEPOINT s;\n"})
	var bad *BadFiles
	if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), "sql/1_x.up.sql:2:1: a savepoint in a file that runs statement by statement") {
		t.Error(err)
	}
}

// The mended file counts as the reviewed one, although it went on step by step.
func TestPlanHashOfAMendedFile(t *testing.T) {
	url := pgtest.URL(t)
	_, _ = upFails(t, url, files{"1_x.up.sql": "CREATE TABLE a (x int);\nVACUUM nosuch;\n"})
	f := files{"1_x.up.sql": "CREATE TABLE a (x int);\nSELECT 1;\n", "2_x.up.sql": "SELECT count(*) FROM gate;\n"}
	p, err := testRunner(t, url, load(t, f)).Plan(testContext(t), Up, UpRequest{})
	must(t, err)
	if err := upWith(t, url, f, UpRequest{PlanHash: p.Hash}); err == nil {
		t.Fatal("up got through")
	}
	pgtest.Exec(t, url, "CREATE TABLE gate ()")
	must(t, upWith(t, url, f, UpRequest{PlanHash: p.Hash}))
}

// Where fewer steps are left than ran, repair says that it cannot help.
func TestRepairOfAShortenedFile(t *testing.T) {
	url := pgtest.URL(t)
	_, _ = upFails(t, url, files{"1_x.up.sql": "CREATE TABLE a (x int);\nCREATE TABLE b ();\nVACUUM nosuch;\n"})
	short := files{"1_x.up.sql": "CREATE TABLE a (x int);\n"}
	_, err := upFails(t, url, short)
	if want := "sql/1_x.up.sql: step 2 was taken out after it had run; only what has not run yet may be mended; put it back"; err.Error() != want {
		t.Errorf("up: %v", err)
	}
	before := record(t, url)
	_, err = testRunner(t, url, load(t, short)).Repair(testContext(t), nil)
	var dis *Disagreement
	if want := "sql/1_x.up.sql: 2 steps of it ran, and it has 1 now, so which of them they were cannot be told; put back what ran, or take the migration back with `rung down` first"; !errors.As(err, &dis) || err.Error() != want {
		t.Errorf("repair: %v", err)
	}
	if got := record(t, url); got != before {
		t.Errorf("repair wrote\n%s", differing(got, before))
	}
}
