package runner

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtest"
)

// What runs here wants a real cluster, which no test can install: make test-citus.
// Everything is made in schemas of the test's own, and dropped at its end.

// clusterEnv is the variable with the coordinator's address, of a superuser;
// restartEnv has a shell command that restarts one worker at once, as a crash would
// (pg_ctl restart -m immediate). Without that the coordinator's connections to all
// workers are ended instead.
const (
	clusterEnv = "RUNG_TEST_CITUS_URL"
	restartEnv = "RUNG_TEST_CITUS_RESTART"
)

// onRealCluster is a schema on the cluster, and a history of its own.
func onRealCluster(t *testing.T) (address string, own func(*Config)) {
	t.Helper()
	base := os.Getenv(clusterEnv)
	if base == "" {
		t.Skip(clusterEnv + " names no coordinator of a Citus cluster: not run")
	}
	u, err := url.Parse(base)
	must(t, err)
	name := "rung_test_" + NewRun()
	q := u.Query()
	q.Set("search_path", name)
	if q.Get("sslmode") == "" {
		q.Set("sslmode", "disable")
	}
	u.RawQuery = q.Encode()
	pgtest.Exec(t, base, "SET citus.enable_schema_based_sharding = off; CREATE SCHEMA "+name)
	t.Cleanup(func() {
		for _, schema := range []string{name, name + "_history"} {
			if err := pgtestTry(t, base, "DROP SCHEMA IF EXISTS "+schema+" CASCADE"); err != nil {
				t.Log(err)
			}
		}
	})
	return u.String(), func(c *Config) { c.HistorySchema = name + "_history" }
}

// The first files of the ladder, with users, orders, tasks and posts on the shards of
// their user. The later ones are by templates that look at the tables, and write other
// files for these.
func TestCitusClusterLadder(t *testing.T) {
	address, own := onRealCluster(t)
	ladder := pairs{}
	entries, err := os.ReadDir("../sql")
	must(t, err)
	for _, e := range entries {
		if e.Name() < "000007" {
			text, err := os.ReadFile("../sql/" + e.Name())
			must(t, err)
			ladder[e.Name()] = string(text)
		}
	}
	r := testRunner(t, address, load(t, ladder), own)
	_, err = r.Up(testContext(t), UpRequest{Request: Request{To: version("4")}})
	must(t, err)
	// The key of each has to have what it is distributed by.
	for _, s := range []string{
		"ALTER TABLE users DROP CONSTRAINT users_email_key",
		"SELECT create_distributed_table('users', 'id')",
	} {
		pgtest.Exec(t, address, s)
	}
	for _, table := range []string{"orders", "tasks", "posts"} {
		pgtest.Exec(t, address, "ALTER TABLE "+table+" DROP CONSTRAINT "+table+"_pkey")
		pgtest.Exec(t, address, "ALTER TABLE "+table+" ADD PRIMARY KEY (user_id, id)")
		pgtest.Exec(t, address, "SELECT create_distributed_table('"+table+"', 'user_id')")
	}
	_, err = testRunner(t, address, load(t, ladder), own).Up(testContext(t), UpRequest{})
	must(t, err)
	down(t, address, ladder, Request{To: version("4")}, own)
	up(t, address, ladder, own)
}

// Each row once, whatever becomes of the workers.
func TestCitusClusterBatches(t *testing.T) {
	for name, distribute := range map[string]string{
		"hash":         "SELECT create_distributed_table('items', 'id')",
		"single shard": "SELECT create_distributed_table('items', NULL)",
		"reference":    "SELECT create_reference_table('items')",
	} {
		t.Run(name, func(t *testing.T) {
			address, own := onRealCluster(t)
			pgtest.Exec(t, address, "CREATE TABLE items (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0)")
			pgtest.Exec(t, address, distribute)
			pgtest.Exec(t, address, "INSERT INTO items SELECT generate_series(1, 20000)")
			f := pairs{"1_a.up.sql": "-- rung:batch key=items.id rows=200 target=1ms workers=2\nUPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n"}
			killed := 0
			h := &hearing{}
			h.on = func(e Event) {
				if b, ok := e.(BatchDone); ok && killed < 3 && b.Progress.Keys > int64(4000*(killed+1)) {
					killed++
					killWorker(t, address)
				}
			}
			var err error
			for range 20 { // a worker needs a while to come back
				if _, err = testRunner(t, address, load(t, f), own, h.listen, func(c *Config) { c.LockRetries = 30 }).Up(testContext(t), UpRequest{}); err == nil {
					break
				}
				t.Log("started again after:", err)
			}
			must(t, err)
			if killed == 0 {
				t.Error("no worker was killed")
			}
			is(t, address, "SELECT count(*), min(n), max(n) FROM items", "20000|1|1")
		})
	}
}

// killWorker makes the workers fail under what runs.
func killWorker(t *testing.T, address string) {
	if command := os.Getenv(restartEnv); command != "" {
		if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", command, err, out)
		}
		return
	}
	err := pgtestTry(t, address, "SELECT run_command_on_workers($$SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'citus_internal%' AND pid <> pg_backend_pid()$$)")
	if err != nil {
		t.Log(err)
	}
}

func TestCitusClusterTypes(t *testing.T) {
	address, own := onRealCluster(t)
	pgtest.Exec(t, address, "CREATE TYPE status AS ENUM ('open', 'done')")
	pgtest.Exec(t, address, "CREATE TABLE tasks (id bigint PRIMARY KEY, s status NOT NULL DEFAULT 'open')")
	pgtest.Exec(t, address, "SELECT create_distributed_table('tasks', 'id')")
	pgtest.Exec(t, address, "INSERT INTO tasks SELECT generate_series(1, 100)")
	f := pairs{
		"1_a.up.sql":   "ALTER TYPE status RENAME VALUE 'done' TO 'closed';\n",
		"1_a.down.sql": "ALTER TYPE status RENAME VALUE 'closed' TO 'done';\n",
		"2_b.up.sql":   "ALTER TYPE status ADD VALUE 'late';\n",
		"3_c.up.sql":   "SET LOCAL citus.multi_shard_modify_mode = 'sequential';\nALTER TABLE tasks ALTER COLUMN s DROP DEFAULT;\nALTER TABLE tasks ALTER COLUMN s TYPE text USING s::text;\nALTER TABLE tasks ALTER COLUMN s SET DEFAULT 'open';\nDROP TYPE status;\n",
		"4_d.up.sql":   "ALTER TABLE tasks ADD CONSTRAINT c CHECK (s IS NOT NULL) NOT VALID;\nALTER TABLE tasks VALIDATE CONSTRAINT c;\n",
		"4_d.down.sql": "ALTER TABLE tasks DROP CONSTRAINT c;\n",
	}
	up(t, address, f, own)
	is(t, address, "SELECT min(s), count(*) FROM tasks", "open|100")
	down(t, address, f, Request{}, own)
}

func TestCitusClusterConcurrently(t *testing.T) {
	address, own := onRealCluster(t)
	pgtest.Exec(t, address, "CREATE TABLE tasks (id bigint PRIMARY KEY, n int)")
	pgtest.Exec(t, address, "SELECT create_distributed_table('tasks', 'id')")
	f := pairs{"1_a.up.sql": "CREATE INDEX CONCURRENTLY tasks_n ON tasks (n);\n", "1_a.down.sql": "DROP INDEX CONCURRENTLY tasks_n;\n"}
	up(t, address, f, own)
	down(t, address, f, Request{}, own)
	// One that fails leaves nothing INVALID behind, on the shards neither.
	pgtest.Exec(t, address, "INSERT INTO tasks VALUES (1, 1), (2, 1), (3, 1)")
	f["1_a.up.sql"] = "CREATE UNIQUE INDEX CONCURRENTLY tasks_n ON tasks (id, (1 / (n - 1)));\n"
	if _, err := upFails(t, address, f, own); pq.As(err, pqerror.DivisionByZero) == nil {
		t.Error(err)
	}
	is(t, address, "SELECT count(*) FROM pg_index WHERE indrelid = 'tasks'::regclass AND NOT indisvalid", "0")
	is(t, address, "SELECT coalesce(sum(result::int), 0) FROM run_command_on_shards('tasks', $$SELECT count(*) FROM pg_index WHERE indrelid = '%s'::regclass AND NOT indisvalid$$)", "0")
	// Nor does a key without an index go in batches.
	f = pairs{"2_b.up.sql": "-- rung:batch key=tasks.n\nUPDATE tasks SET n = n WHERE n BETWEEN $1 AND $2;\n"}
	if _, err := upFails(t, address, f, own); !strings.Contains(err.Error(), "no index of tasks has the order of (n)") {
		t.Error(err)
	}
}

// A row of a shard that somebody holds ends a statement after the lock timeout, and who
// holds it is named.
func TestCitusClusterLockTimeout(t *testing.T) {
	address, own := onRealCluster(t)
	pgtest.Exec(t, address, "CREATE TABLE tasks (id bigint PRIMARY KEY, n int)")
	pgtest.Exec(t, address, "SELECT create_distributed_table('tasks', 'id')")
	pgtest.Exec(t, address, "INSERT INTO tasks SELECT generate_series(1, 100)")
	for i, statement := range []string{"UPDATE tasks SET n = 2 WHERE id = 1", "UPDATE tasks SET n = 2"} {
		tx, rollback := begin(t, address)
		if _, err := tx.Exec("UPDATE tasks SET n = 1 WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		h := &hearing{}
		started := time.Now()
		f := pairs{fmt.Sprintf("%d_a.up.sql", i+1): statement + ";\n"}
		_, err := testRunner(t, address, load(t, f), own, h.listen, func(c *Config) { c.LockTimeout, c.LockRetries = 2*time.Second, -1 }).Up(testContext(t), UpRequest{})
		took := time.Since(started)
		rollback()
		var failed *StatementError
		if !errors.As(err, &failed) || pq.As(err, pqerror.LockNotAvailable) == nil || took > patience {
			t.Errorf("%s: after %s: %v", statement, took, err)
		}
		if len(heard[Blocked](h)) == 0 {
			t.Errorf("%s: nobody was named", statement)
		}
	}
}
