package runner

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/internal/sandbox"
)

// What runs here is a server that answers as a Citus coordinator was seen to
// (pgtest.RecordedCitus); citus_cluster_test.go asks a real one.

// loggedCoordinator is a coordinator that logs each message as it comes.
func loggedCoordinator(t *testing.T) (url string, s *sandbox.Server) {
	t.Helper()
	s = pgtest.ServerWith(t, sandbox.Config{Trust: true, Settings: map[string]string{"log_statement": "all", "log_line_prefix": "[%p] "}})
	url = pgtest.Database(t, s.URL(""))
	pgtest.RecordedCitus(t, url)
	return url, s
}

var logLine = regexp.MustCompile(`^\[(\d+)\] LOG:  statement: (.*)`)

// messagesOf are the messages of the session that sent one with that text, each with
// what changes from run to run made equal.
func messagesOf(log, text string) (all []string) {
	sent := map[string][]string{}
	pid := ""
	for line := range strings.Lines(log) {
		line = strings.TrimRight(line, "\n")
		if m := logLine.FindStringSubmatch(line); m != nil {
			pid = m[1]
			sent[pid] = append(sent[pid], m[2])
		} else if more, ok := strings.CutPrefix(line, "\t"); ok && pid != "" {
			last := &sent[pid][len(sent[pid])-1]
			*last += "\n" + more
		} else {
			pid = ""
		}
	}
	for _, messages := range sent {
		if slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(m, text) }) {
			for _, m := range messages {
				all = append(all, shortened(m))
			}
		}
	}
	return all
}

var (
	marks   = regexp.MustCompile(`(?s)DO \$rung\$.*?\$rung\$;`)
	entries = regexp.MustCompile(`(?s)(INSERT INTO|UPDATE) rung\.(\w+).*?;\n`)
	claims  = regexp.MustCompile(`(?s)(INSERT INTO migrations;).*`)
	resets  = regexp.MustCompile(`(?s)RESET ALL;.*`)
)

// shortened leaves of the bookkeeping what it is.
func shortened(m string) string {
	m = marks.ReplaceAllString(m, "DO;")
	m = entries.ReplaceAllString(m, "$1 $2;\n")
	m = claims.ReplaceAllString(m, "$1 …")
	m = resets.ReplaceAllString(m, "RESET ALL; …")
	return strings.Join(strings.Fields(m), " ")
}

// shardedTasks makes a table that the coordinator takes for a distributed one.
var shardedTasks = pairs{"1_a.up.sql": "CREATE TABLE tasks (tenant int, id int, n int NOT NULL DEFAULT 0, PRIMARY KEY (tenant, id));\nSELECT create_distributed_table('tasks', 'tenant');\nINSERT INTO tasks SELECT i % 7, i, 0 FROM generate_series(1, 1000) AS i;\n"}

// from is what comes behind the last of the messages with that text.
func from(messages []string, text string) []string {
	for i := len(messages) - 1; i >= 0; i-- {
		if strings.HasPrefix(messages[i], text) {
			return messages[i+1:]
		}
	}
	return nil
}

func equalMessages(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the server got\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Each statement is a message of its own, in one transaction that the history commits
// with, by two phases.
func TestCitusMessages(t *testing.T) {
	t.Parallel()
	url, s := loggedCoordinator(t)
	up(t, url, shardedTasks)
	f := shardedTasks.with(pairs{"2_b.up.sql": "-- two\nALTER TABLE tasks ADD CHECK (n >= 0) NOT VALID;\nCREATE INDEX ON tasks (n);\nSET LOCAL citus.propagate_set_commands = 'local';\nUPDATE tasks SET n = 1;\n"})
	up(t, url, f)
	is(t, url, "SELECT count(*), sum(n) FROM tasks", "1000|1000")
	is(t, url, "SELECT count(*) FROM rung.two_phase", "1") // those of the run before are deleted
	equalMessages(t, from(messagesOf(s.Log(), "ADD CHECK (n >= 0)"), "DELETE FROM rung.two_phase"), []string{
		"BEGIN;",
		"SET LOCAL citus.propagate_set_commands = 'local';",
		"SET LOCAL lock_timeout = '5000ms';",
		"SET LOCAL citus.propagate_set_commands = 'none';",
		"SET LOCAL tcp_keepalives_idle = 30; SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3; DO; SET LOCAL lock_timeout = '5000ms'; INSERT INTO migrations; …",
		"-- two ALTER TABLE tasks ADD CHECK (n >= 0) NOT VALID;",
		"CREATE INDEX ON tasks (n);",
		"SET LOCAL citus.propagate_set_commands = 'local';",
		"SET LOCAL citus.propagate_set_commands = 'none';",
		"UPDATE tasks SET n = 1;",
		"DO; RESET SESSION AUTHORIZATION; WITH done AS ( UPDATE migrations; INSERT INTO two_phase; COMMIT; RESET SESSION AUTHORIZATION; RESET ALL; …",
	})
}

// So it is where all files are one transaction, and files do not travel in groups.
func TestCitusSingleTransaction(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.RecordedCitus(t, url)
	f := shardedTasks.with(pairs{"2_b.up.sql": "ALTER TABLE tasks ADD COLUMN a int;\nALTER TABLE tasks ADD COLUMN b int;\n", "3_c.up.sql": "ALTER TABLE tasks ADD COLUMN c int;\n"})
	_, err := testRunner(t, url, load(t, f)).Up(testContext(t), UpRequest{Together: true})
	must(t, err)
	is(t, url, "SELECT count(*) FROM rung.two_phase", "3")
	is(t, url, "SELECT partmethod, repmodel FROM pg_dist_partition WHERE logicalrelid = 'rung.two_phase'::regclass", "n|t")
	other := pgtest.URL(t)
	pgtest.RecordedCitus(t, other)
	up(t, other, f)
	is(t, other, "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'tasks'::regclass AND attnum > 3", "a b c")
}

// A batch has the same opening, and its statements travel with the fence. The planners
// of the shards are asked for the key's index as the coordinator's is.
func TestCitusBatchMessages(t *testing.T) {
	t.Parallel()
	url, s := loggedCoordinator(t)
	up(t, url, shardedTasks)
	f := shardedTasks.with(pairs{"2_b.up.sql": "-- rung:batch key=tasks(tenant,id) rows=5000 vacuum=off\nUPDATE tasks SET n = n + 1 WHERE (tenant, id) BETWEEN ($1, $2) AND ($3, $4);\n"})
	up(t, url, f)
	is(t, url, "SELECT count(*), min(n), max(n) FROM tasks", "1000|1|1")
	all := messagesOf(s.Log(), "UPDATE tasks SET n = n + 1")
	for i, m := range all {
		all[i] = regexp.MustCompile(`(PREPARE).*`).ReplaceAllString(m, "$1 …")
	}
	equalMessages(t, from(all, "BEGIN ISOLATION LEVEL READ COMMITTED;")[:5], []string{
		"SET LOCAL citus.propagate_set_commands = 'local';",
		"SET LOCAL lock_timeout = '5000ms';",
		"SET LOCAL citus.propagate_set_commands = 'none';",
		"SET LOCAL tcp_keepalives_idle = 30; SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3; DO; SET LOCAL lock_timeout = '5000ms'; SET LOCAL tcp_keepalives_idle = 30; SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3; DO; DO; PREPARE …",
		"DO; RESET SESSION AUTHORIZATION; INSERT INTO batches; INSERT INTO two_phase; COMMIT; RESET SESSION AUTHORIZATION; RESET ALL; …",
	})
	i := slices.Index(all, "SET LOCAL enable_seqscan = off;")
	equalMessages(t, all[i-2:i+4], []string{
		"BEGIN READ ONLY;",
		"SET LOCAL citus.propagate_set_commands = 'local';",
		"SET LOCAL enable_seqscan = off;",
		"SET LOCAL enable_bitmapscan = off;",
		"SET LOCAL enable_sort = off;",
		"SET LOCAL citus.propagate_set_commands = 'none';",
	})
	if !strings.Contains(all[i+4], "EXPLAIN (FORMAT JSON)") {
		t.Error(all[i+4])
	}
}

// Two workers and many batches, which take longer than their target and so do not grow:
// each row once, and the rows of the reference table do not pile up.
func TestCitusBatches(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.RecordedCitus(t, url)
	pgtest.Exec(t, url, "CREATE TABLE tasks (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); SELECT create_distributed_table('tasks', 'id'); INSERT INTO tasks SELECT generate_series(1, 2500)")
	up(t, url, pairs{"1_a.up.sql": "-- rung:batch key=tasks.id rows=2 workers=2 vacuum=off target=1ms\nUPDATE tasks SET n = n + 1 WHERE id BETWEEN $1 AND $2 AND pg_sleep(0.002) IS NOT NULL;\n"})
	is(t, url, "SELECT count(*), min(n), max(n) FROM tasks", "2500|1|1")
	is(t, url, "SELECT sum(keys), count(*) > 1000 FROM rung.batches", "2500|true")
	is(t, url, "SELECT count(*) < 1000 FROM rung.two_phase", "true")
}

func TestCitusRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ made, want string }{
		"a worker":          {"UPDATE pg_dist_local_group SET groupid = 2", "this server is a worker of a Citus cluster"},
		"propagated SETs":   {"DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET citus.propagate_set_commands = ''local''', current_database()); END$$", "citus.propagate_set_commands is 'local'"},
		"a plain table":     {"CREATE SCHEMA rung; CREATE TABLE rung.two_phase (id uuid PRIMARY KEY)", "rung.two_phase is no reference table"},
		"a table with code": {"CREATE SCHEMA rung; CREATE TABLE rung.two_phase (id uuid PRIMARY KEY); CREATE RULE r AS ON INSERT TO rung.two_phase DO INSTEAD NOTHING", "has a trigger or a rule"},
		"one copy":          {"DELETE FROM pg_dist_node WHERE nodeid <> 2", "rung.two_phase is on one node only"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.RecordedCitus(t, url)
			pgtest.Exec(t, url, c.made)
			_, err := upFails(t, url, pairs{"1_a.up.sql": "CREATE TABLE a ();\n"})
			var refusal *RefusalError
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want) || refusal.Hint == "" {
				t.Errorf("%T %v", err, err)
			}
			is(t, url, "SELECT to_regclass('a')", "")
		})
	}
}

// Without nodes nothing is distributed yet, and the reference table is made once there
// are some.
func TestCitusWithoutNodes(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.RecordedCitus(t, url)
	pgtest.Exec(t, url, "CREATE TABLE nodes AS SELECT * FROM pg_dist_node; DELETE FROM pg_dist_node")
	f := pairs{"1_a.up.sql": "CREATE TABLE a ();\n"}
	up(t, url, f)
	is(t, url, "SELECT to_regclass('rung.two_phase')", "")
	pgtest.Exec(t, url, "INSERT INTO pg_dist_node SELECT * FROM nodes")
	up(t, url, f.with(pairs{"2_b.up.sql": "CREATE TABLE b ();\n"}))
	is(t, url, "SELECT count(*) FROM rung.two_phase", "1")
}

// pg_blocking_pids knows nothing of a wait on a shard.
func TestCitusBlockers(t *testing.T) {
	t.Parallel()
	for application, node := range map[string]int{"on the shard": 0, "on worker1": 20000000000} {
		url := pgtest.URL(t)
		pgtest.RecordedCitus(t, url)
		o := join(t, url)
		o.do("SET application_name = '" + application + "'")
		h := &hearing{}
		up(t, url, pairs{"1_a.up.sql": "SELECT pg_sleep(1.5);\n"}, h.listen)
		blocked := heard[Blocked](h)
		if len(blocked) == 0 || len(blocked[0].Blockers) != 1 || blocked[0].Blockers[0].PID != node+o.pid || blocked[0].Blockers[0].Application != application || blocked[0].Line != 1 {
			t.Errorf("%s, pid %d: %+v", application, o.pid, blocked)
		}
	}
}

// A worker that is down is waited for, as a lock is: nothing of the transaction is in
// place.
func TestCitusWorkerDown(t *testing.T) {
	t.Parallel()
	const down = "IF nextval('tries') < 3 THEN RAISE EXCEPTION 'connection to the remote node worker1:5432 failed' USING ERRCODE = '08006'; END IF;"
	for name, f := range map[string]pairs{
		"transactional": {"1_a.up.sql": "CREATE TABLE a ();\nDO $$BEGIN " + down + " END$$;\n"},
		"batch":         {"1_a.up.sql": "-- rung:batch key=t.id\nUPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, "CREATE SEQUENCE tries; CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0); INSERT INTO t SELECT generate_series(1, 10)")
			pgtest.Exec(t, url, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN "+down+" RETURN NULL; END$f$; CREATE TRIGGER f AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION f()")
			if _, err := upFails(t, url, f); !strings.Contains(err.Error(), "worker1") {
				t.Error("without Citus:", err)
			}
			pgtest.Exec(t, url, "ALTER SEQUENCE tries RESTART")
			pgtest.RecordedCitus(t, url)
			h := &hearing{}
			up(t, url, f, h.listen)
			if n := len(heard[Retrying](h)); n != 2 {
				t.Errorf("retried %d times", n)
			}
			if name == "batch" {
				is(t, url, "SELECT min(n), max(n) FROM t", "1|1")
			}
		})
	}
}

// The script for psql does the same, as psql sends each statement by itself.
func TestCitusScript(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.RecordedCitus(t, url)
	pgtest.Exec(t, url, shardedTasks["1_a.up.sql"])
	f := pairs{"1_a.up.sql": "ALTER TABLE tasks ADD COLUMN a int;\n"}
	var b strings.Builder
	_, err := testRunner(t, url, load(t, f)).WriteScript(testContext(t), Up, UpRequest{}, &b)
	must(t, err)
	psql(t, url, pairs{"script.sql": b.String()}.write(t)+"/script.sql")
	is(t, url, "SELECT count(*) FROM rung.two_phase", "1")
	is(t, url, "SELECT count(a) FROM tasks", "0")
	batched := f.with(pairs{"2_b.up.sql": "-- rung:batch key=tasks.id\nUPDATE tasks SET n = n WHERE id BETWEEN $1 AND $2;\n"})
	_, err = testRunner(t, url, load(t, batched)).WriteScript(testContext(t), Up, UpRequest{}, &b)
	if err == nil || !strings.Contains(err.Error(), "2_b.up.sql has batches") {
		t.Error(err)
	}
}

// The built binary, killed at random moments over many messages in one transaction: each
// row once, and each statement once.
func TestCitusKilled(t *testing.T) {
	t.Parallel()
	rung, url := built(t), pgtest.URL(t)
	pgtest.RecordedCitus(t, url)
	numbered(t, url, 20_000)
	pgtest.Exec(t, url, "SELECT create_distributed_table('t', 'id')")
	f := counting("rows=300 target=10ms workers=2").with(pairs{"2_more.up.sql": "ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0;\nSELECT pg_sleep(0.2);\nUPDATE t SET a = a + 1;\nALTER TABLE t ADD CHECK (a = 1);\n"})
	dir := f.write(t)
	for range 8 {
		startProcess(t, rung, url, dir).kill(t, time.Duration(rand.N(800))*time.Millisecond)
		awaitNobody(t, url)
	}
	if startProcess(t, rung, url, dir).kill(t, patience) {
		t.Fatal("the last run does not end")
	}
	is(t, url, "SELECT min(n), max(n), min(a), max(a), count(*) FROM t", "1|1|1|1|20000")
	is(t, url, "SELECT sum(rows) FROM rung.batches", "20000")
}
