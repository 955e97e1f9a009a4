package runner

import (
	"fmt"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// Through PgBouncer in transaction mode, with a server connection for each
// worker and the lock, and with one fewer.
func TestBatchThroughPgBouncer(t *testing.T) {
	t.Parallel()
	for _, size := range []int{3, 2} {
		t.Run(fmt.Sprintf("a pool of %d", size), func(t *testing.T) {
			direct := pgtest.URL(t)
			through := pgtest.PgBouncer(t, direct, "transaction", size)
			pgtest.Exec(t, direct, `CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
				INSERT INTO app.t SELECT generate_series(1, 3000); ANALYZE app.t`)
			f := pairs{
				"1_count.up.sql": `SET search_path = app;
-- rung:batch key=t.id rows=100 target=20ms workers=2 vacuum=4
SELECT id FROM t WHERE id BETWEEN $1 AND $2 FOR UPDATE;
UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;
-- rung:end
`,
				"1_count.down.sql": "-- rung:batch key=app.t.id workers=2\nUPDATE app.t SET n = n - 1 WHERE id BETWEEN $1 AND $2",
			}
			o := join(t, direct)
			var lock bool
			h := &hearing{on: func(e Event) {
				switch e := e.(type) {
				case BatchDone:
					if e.Progress.Batches == 5 { // and a batch that has to be tried again
						o.do("BEGIN; UPDATE app.t SET n = n WHERE id = 2500")
						lock = true
					}
				case Retrying:
					if lock {
						o.do("COMMIT")
						lock = false
					}
				}
			}}
			up(t, through, f, h.listen, func(c *Config) { c.LockTimeout = 200 * time.Millisecond })
			is(t, direct, "SELECT min(n), max(n), count(*) FROM app.t", "1|1|3000")
			tiles(t, direct)
			if len(heard[Retrying](h)) == 0 || len(heard[Vacuumed](h)) == 0 {
				t.Errorf("%d retries, %d vacuums", len(heard[Retrying](h)), len(heard[Vacuumed](h)))
			}
			// Nothing of the file's settings is left for the pool's other clients.
			for range 2 * size {
				is(t, through, "SHOW search_path", `"$user", public`)
			}
			down(t, through, f, Request{})
			is(t, direct, "SELECT min(n), max(n) FROM app.t", "0|0")
		})
	}
}

// In session mode a worker keeps its server connection. Those that the pool has
// none for wait, and no longer than there is work.
func TestBatchThroughASmallPool(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t)
	through := pgtest.PgBouncer(t, direct, "session", 2)
	numbered(t, direct, 1000)
	up(t, through, counting("rows=100 workers=4"))
	everyOne(t, direct)
	tiles(t, direct)
}
