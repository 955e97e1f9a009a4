package runner

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtest"
)

// keysOf are the sizes of the batches in order of the key.
func keysOf(t testing.TB, url string) (all []int64) {
	t.Helper()
	for _, b := range tiles(t, url) {
		all = append(all, b.keys)
	}
	return all
}

func TestBatchSizesInTheLedger(t *testing.T) {
	t.Parallel()
	slow := func(directive string, perRow string) pairs {
		return pairs{"1_n.up.sql": "-- rung:batch key=t.id " + directive + "\nUPDATE t SET n = n + 1 + length(pg_sleep(" + perRow + ")::text) WHERE id BETWEEN $1 AND $2"}
	}
	for _, c := range []struct {
		name string
		f    pairs
		rows int
		want []int64
	}{
		// Each batch takes at least twice the target.
		{"too slow", slow("rows=400 target=10ms", "0.001"), 950, []int64{400, 200, 100, 100, 100, 50}},
		{"fast", counting("rows=100 target=1min"), 900, []int64{100, 120, 144, 173, 208, 155}},
		{"to the upper bound", counting("rows=1 target=1min"), 800, []int64{1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 48, 58, 70, 84, 100, 100, 100, 34}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, c.rows)
			up(t, url, c.f)
			if got := keysOf(t, url); !slices.Equal(got, c.want) {
				t.Errorf("%v, not %v", got, c.want)
			}
			everyOne(t, url)
		})
	}
}

// A batch that runs into the statement timeout is cut in half, to one row.
func TestBatchStatementTimeout(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 16)
	pgtest.Exec(t, url, `CREATE TABLE slow (id int);
		INSERT INTO slow VALUES (7);
		CREATE FUNCTION work(id int) RETURNS int LANGUAGE sql AS 'SELECT 1 + length(pg_sleep(count(*) * 30)::text) FROM slow WHERE slow.id = $1'`)
	f := pairs{"1_n.up.sql": "-- rung:statement-timeout 500ms\n-- rung:batch key=t.id rows=16\nUPDATE t SET n = n + work(id) WHERE id BETWEEN $1 AND $2"}
	h := &hearing{}
	_, err := upFails(t, url, f, h.listen)
	if want := "sql/1_n.up.sql:3:1: canceling statement due to statement timeout (57014), in the batch of 1 key (7) to (7)"; err.Error() != want {
		t.Errorf("\ngot  %v\nwant %s", err, want)
	}
	if n := len(heard[Retrying](h)); n < 3 {
		t.Errorf("told of %d retries", n)
	}
	is(t, url, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t WHERE n = 1", "1 2 3 4 5 6")
	pgtest.Exec(t, url, "TRUNCATE slow")
	up(t, url, f)
	everyOne(t, url)
	tiles(t, url)
}

// Rows of a batch that timed out may be gone when its half is looked for.
func TestBatchGoneAfterTimeout(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 16)
	pgtest.Exec(t, url, "CREATE TABLE slow (); CREATE FUNCTION work() RETURNS int LANGUAGE sql AS 'SELECT 1 + length(pg_sleep(30)::text)'")
	h := &hearing{on: once(func(Retrying) { pgtest.Exec(t, url, "DELETE FROM t") })}
	up(t, url, pairs{"1_n.up.sql": "-- rung:statement-timeout 300ms\n-- rung:batch key=t.id rows=16\nUPDATE t SET n = n + work() WHERE id BETWEEN $1 AND $2"}, h.listen)
	is(t, url, "SELECT state FROM rung.migrations", "applied")
}

// A deadlock ends the batch and not the run.
func TestBatchDeadlock(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 100)
	o := join(t, url)
	// Only the batch looks for a deadlock in time, so it is the victim.
	o.do("SET deadlock_timeout = '10min'; BEGIN; UPDATE t SET n = n WHERE id = 90")
	f := counting("")
	f["1_count.up.sql"] = "SET deadlock_timeout = '2s';\n" + f["1_count.up.sql"]
	h := &hearing{}
	r := startUp(t, url, f, h.listen, func(c *Config) { c.LockTimeout = patience })
	o.blocks(url)
	o.do("UPDATE t SET n = n WHERE id = 10") // returns when the batch has given way
	o.do("COMMIT")
	r.mustSucceed()
	everyOne(t, url)
	es := heard[Retrying](h)
	if len(es) != 1 || pq.As(es[0].Err, pqerror.TRDeadlockDetected) == nil {
		t.Errorf("%+v", es)
	}
}

// Nor does a serialization failure, which a trigger or a foreign server may
// raise: by itself a batch is READ COMMITTED, whatever the default.
func TestBatchSerializationFailure(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 100)
	pgtest.Exec(t, url, `ALTER TABLE t ADD isolation text;
		DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END$$;
		CREATE SEQUENCE tries; -- which no rollback sets back
		CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
			IF nextval('tries') <= 2 THEN RAISE 'not this time' USING ERRCODE = 'serialization_failure'; END IF;
			RETURN NULL;
		END$$;
		CREATE TRIGGER fail_twice AFTER UPDATE ON t EXECUTE FUNCTION fail_twice()`)
	h := &hearing{}
	up(t, url, pairs{"1_n.up.sql": "-- rung:batch key=t.id\nUPDATE t SET n = n + 1, isolation = current_setting('transaction_isolation') WHERE id BETWEEN $1 AND $2"}, h.listen)
	is(t, url, "SELECT DISTINCT n, isolation FROM t", "1|read committed")
	if es := heard[Retrying](h); len(es) != 2 || es[1].Attempt != 2 {
		t.Errorf("%+v", es)
	}
}

// A row that can never succeed stops the run with its batch's keys; what came
// before is kept, and with the data fixed the next run goes on.
func TestBatchViolatedConstraint(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	pgtest.Exec(t, url, "ALTER TABLE t ADD CONSTRAINT n_of_small CHECK (n = 0 OR id <> 777)")
	rep, err := upFails(t, url, counting("rows=200 target=1min"))
	var s *StatementError
	want := `sql/1_count.up.sql:2:1: new row for relation "t" violates check constraint "n_of_small" (23514), for the key (777), in the batch of 272 keys (729) to (1000)`
	if !errors.As(err, &s) || err.Error() != want {
		t.Fatalf("\ngot  %v\nwant %s", err, want)
	}
	if want := "1_count is applied in part: 3 batches of step 1 committed, 728 rows changed; the next `rung up` resumes there"; s.Standing != want {
		t.Errorf("%s", s.Standing)
	}
	if e := pq.As(err); e.Detail != "Failing row contains (777, 1)." || len(rep.Done) != 0 {
		t.Error(e.Detail, rep.Done)
	}
	is(t, url, "SELECT sum(n), max(id) FILTER (WHERE n = 1) FROM t", "728|728")
	is(t, url, "SELECT m.state, s.state FROM rung.migrations m JOIN rung.steps s USING (version)", "applying|failed")
	pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT n_of_small")
	h := &hearing{}
	up(t, url, counting("rows=200 target=1min"), h.listen)
	everyOne(t, url)
	tiles(t, url)
	if first := heard[BatchDone](h)[0]; first.First[0] != "729" || first.Progress.Batches != 4 || first.Progress.Keys != 928 {
		t.Errorf("%+v", first)
	}
}

// A key of two columns is told with both.
func TestBatchKeysInTheMessage(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (a text, b int, n int, PRIMARY KEY (a, b));
		INSERT INTO t SELECT 'it''s ' || i, i, 0 FROM generate_series(1, 5) i`)
	_, err := upFails(t, url, pairs{"1_n.up.sql": "-- rung:batch key=t(a,b)\nUPDATE t SET n = 1 / n WHERE (a, b) BETWEEN ($1, $2) AND ($3, $4)"})
	if want := "division by zero (22012), for the key (it's 1, 1), in the batch of 5 keys (it's 1, 1) to (it's 5, 5)"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v", err)
	}
}
