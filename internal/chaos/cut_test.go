package chaos

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// three is a directory of which the second migration is cut off in the tests
// here, at the statement that says so. What ran twice, shows. Each file is a
// message of its own.
func three(up, down string) map[string]string {
	return map[string]string{
		"1_first.up.sql":    alone("CREATE TABLE counter (n int); INSERT INTO counter VALUES (0); CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 1000)"),
		"1_first.down.sql":  alone("DROP TABLE counter, t"),
		"2_second.up.sql":   up,
		"2_second.down.sql": down,
		"3_third.up.sql":    alone("ALTER TABLE t ADD COLUMN third int"),
		"3_third.down.sql":  alone("ALTER TABLE t DROP COLUMN third"),
	}
}

// alone is a file that travels with no other: it asks for a kind of transaction.
func alone(sql string) string {
	return "BEGIN ISOLATION LEVEL READ COMMITTED;\n" + sql + ";\nCOMMIT;"
}

// cut is a connection cut at one moment of one statement.
type cut struct {
	name     string
	args     string
	up, down string
	plain    bool // the other files travel along
	at       proxy.Moment
	on       string // the statement, by a text in it; otherwise "cut here"
	exit     int
	log      string // rung.log after the first run
	counter  string
	again    string // rung.log after the second run, which exits 0
	says     string
}

const (
	count      = "UPDATE counter SET n = n + 1 WHERE 'cut here' <> ''"
	countTwice = "-- rung:no-transaction\nUPDATE counter SET n = n + 10;\n" + count + ";\nUPDATE counter SET n = n + 100;"
	settled    = "the connection was lost; reading the outcome"
)

var cuts = []cut{
	{
		name: "the answer to a file's COMMIT is lost", args: "up", up: count, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "the file's COMMIT never reaches the server", args: "up", up: count, at: proxy.BeforeStatement,
		exit: 1, log: "up 1", counter: "0", again: "up 1, up 2, up 3", says: "no changes from 2_second were applied; 1 migration before it was applied",
	},
	{
		name: "the server still runs the file when the connection is cut", args: "up", up: "SELECT pg_sleep(1); " + count, at: proxy.AfterStatement,
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "the file is under way to the server when the connection is cut", args: "up", up: count, at: proxy.UnderWay,
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "the step is under way to the server when the connection is cut", args: "up", up: countTwice, at: proxy.UnderWay,
		exit: 0, log: "up 1, up 2, up 3", counter: "111", says: settled,
	},
	{
		name: "a message with all files is under way when the connection is cut", args: "up", up: count, plain: true, at: proxy.UnderWay,
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "the first file's answer is lost, and the claim's key tells", args: "up --to 2", up: count, at: proxy.BeforeAnswer, on: "CREATE TABLE counter",
		exit: 0, log: "up 1, up 2", counter: "1", says: settled,
	},
	{
		name: "the answer to a step's COMMIT is lost", args: "up", up: countTwice, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3", counter: "111", says: settled,
	},
	{
		name: "a step's COMMIT never reaches the server", args: "up", up: countTwice, at: proxy.BeforeStatement,
		exit: 1, log: "up 1", counter: "10", again: "up 1, up 2, up 3", says: "2_second is applied up to step 1 of 3",
	},
	{
		name: "the server still runs the step when the connection is cut", args: "up", up: strings.Replace(countTwice, count, "BEGIN;\nSELECT pg_sleep(1);\n"+count+";\nCOMMIT", 1), at: proxy.AfterStatement,
		exit: 0, log: "up 1, up 2, up 3", counter: "111", says: settled,
	},
	{
		name: "the answer to the last step's COMMIT is lost", args: "up", up: "-- rung:no-transaction\nSELECT 1;\n" + count, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "the answer to the end of a step outside of a transaction is lost", args: "up", up: "CREATE INDEX CONCURRENTLY i ON t (id)", at: proxy.BeforeAnswer, on: "SET state = 'done'",
		exit: 0, log: "up 1, up 2, up 3", counter: "0", says: settled,
	},
	{
		name: "the answer to CREATE INDEX CONCURRENTLY is lost", args: "up", up: "CREATE INDEX CONCURRENTLY i ON t (id)", at: proxy.BeforeAnswer, on: "step 1 */ CREATE INDEX",
		exit: 1, log: "up 1", counter: "0", again: "up 1, up 2, up 3", says: "the outcome of step 1 of 1 of 2_second is unknown",
	},
	{
		name: "the answer to the COMMIT of a down file is lost", args: "down --to 1", up: "SELECT 1", down: count, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3, down 3, down 2", counter: "1", says: settled,
	},
	{
		name: "the COMMIT of a down file never reaches the server", args: "down --to 1", up: "SELECT 1", down: count, at: proxy.BeforeStatement,
		exit: 1, log: "up 1, up 2, up 3, down 3", counter: "0", again: "up 1, up 2, up 3, down 3, down 2", says: "2_second is still applied, unchanged; 1 migration before it was reverted",
	},
	{
		name: "the answer to a step's COMMIT in a down file is lost", args: "down --to 1", up: "SELECT 1", down: countTwice, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3, down 3, down 2", counter: "111", says: settled,
	},
	{
		name: "the answer to a message with all files is lost", args: "up", up: count, plain: true, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "a message with all files never reaches the server", args: "up", up: count, plain: true, at: proxy.BeforeStatement,
		exit: 1, log: "", again: "up 1, up 2, up 3", says: "no changes from 1_first were applied",
	},
	{
		name: "the answer to a message with all down files is lost", args: "down --to 1", up: "SELECT 1", down: count, plain: true, at: proxy.BeforeAnswer,
		exit: 0, log: "up 1, up 2, up 3, down 3, down 2", counter: "1", says: settled,
	},
	{
		name: "the answer to the COMMIT of all files together is lost", args: "up --single-transaction", up: count, plain: true, at: proxy.BeforeAnswer, on: "ADD COLUMN third",
		exit: 0, log: "up 1, up 2, up 3", counter: "1", says: settled,
	},
	{
		name: "the COMMIT of all files together never reaches the server", args: "up --single-transaction", up: count, plain: true, at: proxy.BeforeStatement, on: "ADD COLUMN third",
		exit: 1, log: "", again: "up 1, up 2, up 3", says: "no changes from this run were applied",
	},
}

func TestConnectionCutAroundCommit(t *testing.T) {
	t.Parallel()
	for _, c := range cuts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all := three(c.up, c.down)
			if c.plain {
				all = together(all)
			}
			url, dir := pgtest.URL(t), files(t, all)
			args := strings.Fields(c.args)
			if args[0] == "down" {
				run(t, url, dir, "up")
			}
			px, through := pgtest.Proxy(t, url)
			if c.on == "" {
				c.on = "WHERE 'cut here'" // in the history's copy of the file the quotes are doubled
			}
			happened := px.CutAt(c.on, c.at)
			start(t, through, dir, args...).must(c.exit).said(c.says)
			select {
			case <-happened:
			default:
				t.Fatal("the connection was not cut")
			}
			if got := logged(t, url); got != c.log {
				t.Errorf("the log says %q, not %q", got, c.log)
			}
			if c.counter != "" {
				if got := pgtest.QueryString(t, url, "SELECT n FROM counter"); got != c.counter {
					t.Errorf("the counter is at %s, not %s", got, c.counter)
				}
			}
			if c.again != "" {
				before := indexOID(t, url)
				run(t, url, dir, args...)
				if got := logged(t, url); got != c.again {
					t.Errorf("after the second run, the log says %q, not %q", got, c.again)
				}
				if after := indexOID(t, url); before != "" && after != before {
					t.Error("an index that was finished was made again")
				}
			}
			mustBeFree(t, url)
		})
	}
}

// indexOID tells index i from another one of the same name.
func indexOID(t *testing.T, url string) string {
	t.Helper()
	return pgtest.QueryString(t, url, "SELECT (SELECT oid FROM pg_class WHERE relname = 'i')")
}

// Everything is lost at once, between COMMIT and its answer. What was committed
// is known, and nothing more is begun without the lock.
func TestAllConnectionsCutAtCommit(t *testing.T) {
	t.Parallel()
	for name, up := range map[string]string{"of a file": count, "of a step": countTwice} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, dir := pgtest.URL(t), files(t, three(up, ""))
			px, through := pgtest.Proxy(t, url)
			var armed int
			var once sync.Once
			px.OnClientMessage(func(m proxy.Message) proxy.Action {
				if strings.Contains(m.SQL(), "WHERE 'cut here'") {
					armed = m.Conn
				}
				return proxy.Forward
			})
			px.OnServerMessage(func(m proxy.Message) proxy.Action {
				if m.Conn == armed && m.Type == 'Z' {
					once.Do(func() { px.CutAll() })
				}
				return proxy.Forward
			})
			p := start(t, through, dir, "up").must(5)
			p.said("the connection that holds the migration lock was lost, so rung stopped")
			if up == count {
				if got := logged(t, url); got != "up 1, up 2" {
					t.Errorf("the log says %s", got)
				}
			} else if got := steps(t, url, "2"); got != "1 done, 2 done" {
				t.Errorf("steps: %s", got)
			}
			run(t, url, dir, "up")
			if got := logged(t, url); got != "up 1, up 2, up 3" {
				t.Errorf("the log says %s", got)
			}
			want := map[string]string{count: "1", countTwice: "111"}[up]
			if got := pgtest.QueryString(t, url, "SELECT n FROM counter"); got != want {
				t.Errorf("the counter is at %s, not %s", got, want)
			}
		})
	}
}

// The statement runs for minutes; without the lock it must not run on.
func TestLockConnectionLostAlone(t *testing.T) {
	t.Parallel()
	long := "SELECT pg_sleep(600)"
	lockHolder := "SELECT pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND locktype = 'advisory' AND objsubid = 1"
	for name, up := range map[string]string{
		"in a file": long, "in a step": "-- rung:no-transaction\nSELECT 1;\n" + long, "in a step outside of a transaction": "-- rung:no-transaction\nDO 'BEGIN COMMIT; PERFORM pg_sleep(600); END'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, dir := pgtest.URL(t), files(t, three(up, ""))
			p := start(t, url, dir, "up")
			rungSleeps(t, url)
			pgtest.Exec(t, url, "SELECT pg_terminate_backend(("+lockHolder+"))")
			begin := time.Now()
			p.must(5).said("the connection that holds the migration lock was lost, so rung stopped", "1 migration before it was applied", "hint: an administrator, a server timeout or the network ended that connection", "nothing is lost: run rung again")
			if took := time.Since(begin); took > time.Minute {
				t.Errorf("stopped after %s", took)
			}
			mustBeFree(t, url)
			write(t, dir, "2_second.up.sql", strings.Replace(up, "600", "0", 1))
			if strings.Contains(up, "DO '") {
				return // its end is not known, so it may not be fixed
			}
			run(t, url, dir, "up")
			if got := logged(t, url); got != "up 1, up 2, up 3" {
				t.Errorf("the log says %s", got)
			}
		})
	}
}

// A network that is silent for a while loses nothing.
func TestBlackholeThatEnds(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), files(t, three("SELECT pg_sleep(1); "+count, ""))
	px, through := pgtest.Proxy(t, url)
	p := start(t, through, dir, "up")
	rungSleeps(t, url)
	px.Blackhole(true)
	eventually(t, "the server has committed", func() bool { return states(t, url) == "1 applied, 2 applied" })
	if !p.running() {
		t.Error("rung did not wait for the answer")
	}
	px.Blackhole(false)
	p.must(0)
	if got := logged(t, url); got != "up 1, up 2, up 3" {
		t.Errorf("the log says %s", got)
	}
}

// Nothing comes from the network any more. Rung gives up, and does not guess.
func TestBlackholeForEver(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), files(t, three("SELECT pg_sleep(1); "+count, ""))
	px, through := pgtest.Proxy(t, url)
	p := start(t, through, dir, "up")
	rungSleeps(t, url)
	px.Blackhole(true)
	p.must(5).said("the outcome of 2_second is unknown")
	px.Blackhole(false)
	eventually(t, "the server has ended what was under way", func() bool {
		return pgtest.QueryString(t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung'") == "0"
	})
	run(t, url, dir, "up")
	if got := logged(t, url); got != "up 1, up 2, up 3" {
		t.Errorf("the log says %s", got)
	}
	if got := pgtest.QueryString(t, url, "SELECT n FROM counter"); got != "1" {
		t.Errorf("the counter is at %s", got)
	}
}

// In a silent network no cancel request arrives. A second signal need not wait
// for that to be certain.
func TestBlackholeAndTwoSignals(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), files(t, three("SELECT pg_sleep(600)", ""))
	px, through := pgtest.Proxy(t, url)
	p := start(t, through, dir, "up")
	rungSleeps(t, url)
	px.Blackhole(true)
	before := px.Stats().Conns
	p.signal(syscall.SIGTERM)
	eventually(t, "SIGTERM is heard: a cancel request is on its way", func() bool { return px.Stats().Conns > before })
	if !p.running() {
		t.Fatal("rung left at the first signal, without knowing what it leaves")
	}
	p.signal(syscall.SIGTERM)
	p.must(143)
}
