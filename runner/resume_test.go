package runner

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// What becomes of a half-run file that is fixed before it goes on.

// upWith applies the files as asked, and returns the error.
func upWith(t testing.TB, url string, f pairs, req UpRequest) error {
	t.Helper()
	_, err := testRunner(t, url, load(t, f)).Up(testContext(t), req)
	return err
}

// A run that insists on a plan may begin with a file that an earlier run left
// in part. When it is interrupted behind that one, the same hash goes on.
func TestPlanHashGoesOnBehindAResumedFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE gate (i int)")
	f := pairs{
		"1_x.up.sql": "-- rung:no-transaction\nCREATE TABLE a ();\nSELECT 1/count(*) FROM gate WHERE i = 1;\n",
		"2_x.up.sql": "SELECT 1/count(*) FROM gate WHERE i = 2;\n",
	}
	_, _ = upFails(t, url, f)
	pgtest.Exec(t, url, "INSERT INTO gate VALUES (1)")
	p, err := testRunner(t, url, load(t, f)).Plan(testContext(t), Up, UpRequest{})
	must(t, err)
	req := UpRequest{PlanHash: p.Hash}
	if err := upWith(t, url, f, req); err == nil {
		t.Fatal("up succeeded")
	}
	is(t, url, "SELECT string_agg(version || ' ' || state, ', ') FROM rung.migrations", "1 applied")
	pgtest.Exec(t, url, "INSERT INTO gate VALUES (2)")
	must(t, upWith(t, url, f, req))
}

// A fix may take out the last statement that made the file run step by step.
// It goes on at the step where it stopped all the same.
func TestFixedToRunAsOneTransaction(t *testing.T) {
	t.Parallel()
	const head = "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (1);\n"
	for name, c := range map[string]struct{ fails, fixed, want string }{
		"the tail is fixed":                {head + "CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", head + "CREATE INDEX ax ON a (x);\n", "3 of 3"},
		"the tail is taken out":            {head + "CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", head, "2 of 2"},
		"a group, and the tail is fixed":   {"BEGIN;\n" + head + "COMMIT;\nCREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n", "BEGIN;\n" + head + "COMMIT;\n", "1 of 1"},
		"a transaction in place of a step": {head + "VACUUM nosuch;\n", head + "SELECT 1;\nDELETE FROM a WHERE false;\n", "4 of 4"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			_, _ = upFails(t, url, pairs{"1_x.up.sql": c.fails})
			fixed := pairs{"1_x.up.sql": c.fixed}
			st, err := testRunner(t, url, load(t, fixed)).Status(testContext(t))
			must(t, err)
			if row := st.Rows[0]; row.Mode != Stepwise || row.StepsDone > row.Steps || len(st.Findings) != 1 {
				t.Errorf("status: %+v, %v", row, st.Findings)
			}
			up(t, url, fixed)
			is(t, url, "SELECT count(*) FROM a", "2")
			is(t, url, "SELECT count(*) FILTER (WHERE state = 'done') || ' of ' || count(*) FROM rung.steps", c.want)
			if st, err = testRunner(t, url, load(t, fixed)).Status(testContext(t)); err != nil || len(st.Findings) > 0 || st.Pending() > 0 {
				t.Errorf("status: %+v, %v", st, err)
			}
		})
	}
}

// What runs alone in a file that goes on step by step is refused before it runs.
func TestFixedToWhatCannotRunStepByStep(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	const head = "CREATE TABLE a (x int);\n"
	_, _ = upFails(t, url, pairs{"1_x.up.sql": head + "VACUUM nosuch;\n"})
	_, err := upFails(t, url, pairs{"1_x.up.sql": head + "SAVEPOINT s;\nSELECT 1;\nRELEASE SAVEPOINT s;\n"})
	var bad *BadFilesError
	if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), "sql/1_x.up.sql:2:1: a savepoint in a file that runs statement by statement") {
		t.Error(err)
	}
}

// The fixed file counts as the reviewed one, although it went on step by step.
func TestPlanHashOfAMendedFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	_, _ = upFails(t, url, pairs{"1_x.up.sql": "CREATE TABLE a (x int);\nVACUUM nosuch;\n"})
	f := pairs{"1_x.up.sql": "CREATE TABLE a (x int);\nSELECT 1;\n", "2_x.up.sql": "SELECT count(*) FROM gate;\n"}
	p, err := testRunner(t, url, load(t, f)).Plan(testContext(t), Up, UpRequest{})
	must(t, err)
	if err := upWith(t, url, f, UpRequest{PlanHash: p.Hash}); err == nil {
		t.Fatal("up succeeded")
	}
	pgtest.Exec(t, url, "CREATE TABLE gate ()")
	must(t, upWith(t, url, f, UpRequest{PlanHash: p.Hash}))
}

// Where fewer steps are left than ran, repair says that it cannot help.
func TestRepairOfAShortenedFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	_, _ = upFails(t, url, pairs{"1_x.up.sql": "CREATE TABLE a (x int);\nCREATE TABLE b ();\nVACUUM nosuch;\n"})
	short := pairs{"1_x.up.sql": "CREATE TABLE a (x int);\n"}
	_, err := upFails(t, url, short)
	if want := "sql/1_x.up.sql: step 2 was taken out after it had run; only what has not run yet may be fixed; restore it"; err.Error() != want {
		t.Errorf("up: %v", err)
	}
	before := record(t, url)
	_, err = testRunner(t, url, load(t, short)).Repair(testContext(t), nil)
	var dis *DisagreementError
	if want := "sql/1_x.up.sql: 2 steps ran, and the file has 1 now, so which of them ran is unknown; restore what ran, or revert the migration with `rung down` first"; !errors.As(err, &dis) || err.Error() != want {
		t.Errorf("repair: %v", err)
	}
	if got := record(t, url); got != before {
		t.Errorf("repair wrote\n%s", differing(got, before))
	}
}

// backfillStopped is a table of 1000 rows and a file whose backfill has stopped
// at key 700, with 364 rows counted by 3 batches.
func backfillStopped(t *testing.T) (url, text string) {
	t.Helper()
	url = pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, "ALTER TABLE t ADD COLUMN m int NOT NULL DEFAULT 0, ADD CONSTRAINT stuck CHECK (n = 0 OR id <> 400)")
	text = counting("rows=100 target=1min")["1_count.up.sql"]
	_, err := upFails(t, url, pairs{"1_count.up.sql": text})
	if !strings.Contains(err.Error(), "violates check constraint") {
		t.Fatal(err)
	}
	is(t, url, "SELECT count(*) FROM t WHERE n = 1", "364")
	return url, text
}

const unstick = "ALTER TABLE t DROP CONSTRAINT stuck;\n"

// otherBatch is over the same key.
const otherBatch = "-- rung:batch key=t.id rows=100\nUPDATE t SET m = m + 1 WHERE id BETWEEN $1 AND $2;\n"

// A half-run backfill resumes after its own batches, wherever the fix has
// moved it, and a new one starts at the start.
func TestFixedBackfillCountsEachRowOnce(t *testing.T) {
	t.Parallel()
	batch := counting("rows=100 target=1min")["1_count.up.sql"]
	edited := strings.Replace(batch, "BETWEEN $1 AND $2", "BETWEEN $1 AND $2 AND true", 1)
	for name, c := range map[string]struct{ fixed, steps string }{
		"a statement above it":                          {unstick + batch, "2: 1000"},
		"three statements above it":                     {"SELECT 1;\nVACUUM t;\n" + unstick + batch, "4: 1000"},
		"another batch above it":                        {unstick + otherBatch + batch, "2: 1000, 3: 1000"},
		"another batch below it":                        {unstick + batch + otherBatch, "2: 1000, 3: 1000"},
		"edited in place":                               {strings.Replace(batch, "n + 1", "CASE WHEN id = 400 THEN 0 ELSE n + 1 END", 1), "1: 1000"},
		"edited, and a statement above it":              {unstick + edited, "2: 1000"},
		"edited, and a batch over another key above it": {unstick + "-- rung:batch key=other.id\nDELETE FROM other WHERE id BETWEEN $1 AND $2;\n" + edited, "3: 1000"},
		"a SET above it":                                {"SET work_mem = '8MB';\n" + unstick + batch, "2: 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := backfillStopped(t)
			pgtest.Exec(t, url, "CREATE TABLE other (id int PRIMARY KEY)")
			by := pgtest.URL(t)
			pgtest.Exec(t, by, "CREATE TABLE other (id int PRIMARY KEY)")
			f := pairs{"1_count.up.sql": c.fixed}
			up(t, url, f)
			is(t, url, "SELECT count(*) FROM t WHERE n <> 1 AND id <> 400", "0")
			if strings.Contains(c.fixed, otherBatch) {
				is(t, url, "SELECT DISTINCT m FROM t", "1")
			}
			is(t, url, "SELECT string_agg(step || ': ' || keys, ', ' ORDER BY step) FROM (SELECT step, sum(keys) AS keys FROM rung.batches GROUP BY step) s", c.steps)
			is(t, url, "SELECT count(*) FROM rung.steps WHERE state <> 'done'", "0")
			if st, err := testRunner(t, url, load(t, f)).Status(testContext(t)); err != nil || len(st.Findings) > 0 {
				t.Errorf("status: %+v, %v", st, err)
			}
		})
	}
}

// The same by psql.
func TestFixedBackfillByHand(t *testing.T) {
	t.Parallel()
	url, text := backfillStopped(t)
	d := load(t, pairs{"1_count.up.sql": unstick + otherBatch + text})
	runByHand(t, url, byHandScript(t, url, d, Up, UpRequest{}))
	is(t, url, "SELECT DISTINCT n, m FROM t", "1|1")
	is(t, url, "SELECT string_agg(step || ' ' || state, ', ' ORDER BY step) FROM rung.steps", "1 done, 2 done, 3 done")
}

// The fix may fail itself, be fixed again, and again move what stands below.
func TestFixedTwice(t *testing.T) {
	t.Parallel()
	url, text := backfillStopped(t)
	first := pairs{"1_count.up.sql": "SELECT 1/0;\nVACUUM nosuch;\n" + text}
	st, err := testRunner(t, url, load(t, first)).Status(testContext(t))
	if must(t, err); st.Findings[0].What != "is applied in part: 3 batches of step 3 ran" {
		t.Error(st.Findings)
	}
	_, err = upFails(t, url, first)
	var s *StatementError
	if !errors.As(err, &s) || s.Standing != "1_count is applied in part: 3 batches of step 3 committed; the next `rung up` resumes there" {
		t.Errorf("%+v", err)
	}
	second := pairs{"1_count.up.sql": "SELECT 1;\nVACUUM nosuch;\n" + text}
	_, err = upFails(t, url, second)
	if !errors.As(err, &s) || s.Standing != "1_count is applied up to step 1 of 3, with 3 batches of step 3 committed; the next `rung up` resumes there" {
		t.Errorf("%+v", err)
	}
	// Step 2 failed, and so did step 3: they change places.
	third := pairs{"1_count.up.sql": "SELECT 1;\n" + text + "VACUUM nosuch;\n"}
	_, _ = upFails(t, url, third)
	is(t, url, "SELECT string_agg(step || ' ' || state, ', ' ORDER BY step) FROM rung.steps", "1 done, 2 failed, 3 failed")
	is(t, url, "SELECT DISTINCT step FROM rung.batches", "2")
	up(t, url, pairs{"1_count.up.sql": "SELECT 1;\n" + unstick + text})
	everyOne(t, url)
	is(t, url, "SELECT string_agg(step || ' ' || state, ', ' ORDER BY step) FROM rung.steps", "1 done, 2 done, 3 done")
}

// A run that was stopped in its backfill resumes after a statement that came
// in above it.
func TestStoppedBackfillIsMoved(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	text := counting("rows=100 target=1min")["1_count.up.sql"]
	ctx, stop := context.WithCancel(testContext(t))
	_, err := testRunner(t, url, load(t, pairs{"1_count.up.sql": text}), func(c *Config) {
		c.Events = func(e Event) {
			if _, ok := e.(BatchDone); ok {
				stop()
			}
		}
	}).Up(ctx, UpRequest{})
	var stopped *StoppedError
	if !errors.As(err, &stopped) {
		t.Fatal(err)
	}
	is(t, url, "SELECT state FROM rung.steps", "started")
	up(t, url, pairs{"1_count.up.sql": "SELECT 1;\n" + text})
	everyOne(t, url)
}

// Where the file does not tell which batch the committed ones are of, nothing
// runs, and repair does not guess either.
func TestFixedBackfillIsRefused(t *testing.T) {
	t.Parallel()
	batch := counting("rows=100 target=1min")["1_count.up.sql"]
	edited := strings.Replace(batch, "BETWEEN $1 AND $2", "BETWEEN $1 AND $2 AND true", 1)
	const want = "sql/1_count.up.sql: 3 batches of the former step 1 committed over public.t (id), and the file does not say which batch resumes after them; " +
		"restore the statement as it ran (at any place in the file), or revert the migration with `rung down` first"
	for name, fixed := range map[string]string{
		"it is taken out":             unstick,
		"all is taken out":            "",
		"two may be the fixed one":    unstick + otherBatch + edited,
		"another one over its key":    unstick + edited + otherBatch,
		"its key is another":          "-- rung:batch key=t.m\nUPDATE t SET n = n + 1 WHERE m BETWEEN $1 AND $2;\n",
		"its key is in another table": "-- rung:batch key=tt.id\nUPDATE tt SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n",
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := backfillStopped(t)
			before := record(t, url)
			f := pairs{"1_count.up.sql": fixed, "1_count.down.sql": "UPDATE t SET n = 0;\n"}
			_, err := upFails(t, url, f)
			var dis *DisagreementError
			if !errors.As(err, &dis) || err.Error() != want {
				t.Errorf("up: %v", err)
			}
			if _, err = testRunner(t, url, load(t, f)).Repair(testContext(t), nil); !errors.As(err, &dis) || !strings.Contains(err.Error(), "3 batches of the former step 1 committed") {
				t.Errorf("repair: %v", err)
			}
			st, err := testRunner(t, url, load(t, f)).Status(testContext(t))
			if err != nil || len(st.Findings) != 2 || st.Findings[0].What != "is applied in part: 3 batches of step 1 ran" {
				t.Errorf("status: %+v, %v", st, err)
			}
			if got := record(t, url); got != before {
				t.Errorf("the history has changed\n%s", differing(got, before))
			}
			// Both ways out that it names.
			down(t, url, f, Request{})
			is(t, url, "SELECT count(*) FROM rung.migrations", "0")
		})
	}
}

// A batch that was there all along is not the fixed form of the one above it.
func TestTheNextBatchIsNotTheFixedOne(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, "ALTER TABLE t ADD COLUMN m int NOT NULL DEFAULT 0, ADD CONSTRAINT stuck CHECK (n = 0 OR id <> 400)")
	text := counting("rows=100 target=1min")["1_count.up.sql"]
	_, _ = upFails(t, url, pairs{"1_count.up.sql": text + otherBatch})
	_, err := upFails(t, url, pairs{"1_count.up.sql": otherBatch})
	if !strings.Contains(err.Error(), "3 batches of the former step 1 committed over public.t (id)") {
		t.Error(err)
	}
	is(t, url, "SELECT DISTINCT m FROM t", "0")
	// The fixed one is known beside it, also after a fix that failed.
	fails := strings.Replace(text, "n + 1", "n + CASE WHEN id = 400 THEN 1/0 ELSE 1 END", 1)
	_, _ = upFails(t, url, pairs{"1_count.up.sql": fails + otherBatch})
	_, err = upFails(t, url, pairs{"1_count.up.sql": otherBatch})
	if !strings.Contains(err.Error(), "3 batches of the former step 1 committed over public.t (id)") {
		t.Error(err)
	}
	up(t, url, pairs{"1_count.up.sql": unstick + text + otherBatch})
	is(t, url, "SELECT DISTINCT n, m FROM t", "1|1")
}

// repair accepts what ran in another form, and leaves alone what is to go on.
func TestRepairOfAHalfRunFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, "ALTER TABLE t ADD CONSTRAINT stuck CHECK (n = 0 OR id <> 400)")
	text := counting("rows=100 target=1min")["1_count.up.sql"]
	_, _ = upFails(t, url, pairs{"1_count.up.sql": "SELECT 1;\n" + text})
	repair := func(f pairs) error {
		_, err := testRunner(t, url, load(t, f)).Repair(testContext(t), nil)
		return err
	}
	above := pairs{"1_count.up.sql": unstick + "SELECT 1;\n" + text}
	if err := repair(above); err == nil || !strings.Contains(err.Error(), "what ran as step 1 is now step 2, and would run again") {
		t.Errorf("repair: %v", err)
	}
	f := pairs{"1_count.up.sql": "SELECT 1 AS one;\n" + unstick + text}
	_, err := upFails(t, url, f)
	if !strings.Contains(err.Error(), "step 1 was edited after it had run") {
		t.Error(err)
	}
	must(t, repair(f))
	up(t, url, f)
	everyOne(t, url)
}

// The INVALID index that could not be dropped at once is dropped later, although
// the fix moved its statement.
func TestLeftoverOfAMovedStep(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE a (x int); INSERT INTO a VALUES (1), (1)")
	const index = "CREATE UNIQUE INDEX CONCURRENTLY ax ON a (x);\n"
	reader := join(t, url)
	var err error
	func() {
		reader.do("BEGIN; LOCK TABLE a IN ACCESS SHARE MODE")
		defer reader.do("ROLLBACK")
		_, err = upFails(t, url, pairs{"1_x.up.sql": index})
	}()
	if !strings.Contains(err.Error(), "could not create unique index") {
		t.Fatal(err)
	}
	is(t, url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "1")
	up(t, url, pairs{"1_x.up.sql": "DELETE FROM a WHERE ctid = (SELECT max(ctid) FROM a);\n" + index})
	is(t, url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ax'::regclass", "true")
	is(t, url, "SELECT string_agg(step || ' ' || state, ', ' ORDER BY step) FROM rung.steps", "1 done, 2 done")
}
