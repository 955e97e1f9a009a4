package runner

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
	"rung/runner/internal/store"
)

// The down SQL that the history tables hold runs only as it was recorded.
func TestTamperedDownSQL(t *testing.T) {
	t.Parallel()
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	for name, change := range map[string]string{
		"the text":           "UPDATE rung.migrations SET down_sql = 'SELECT 1'",
		"no checksum":        "UPDATE rung.migrations SET down_checksum = NULL",
		"a text out of none": "UPDATE rung.migrations SET down_checksum = NULL, down_sql = 'SELECT 1'",
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			up(t, url, f)
			pgtest.Exec(t, url, change)
			for _, req := range []Request{{}, {To: version("0")}} {
				_, err := testRunner(t, url, load(t, pairs{})).Down(testContext(t), req)
				var d *DisagreementError
				if !errors.As(err, &d) || d.Findings[0].Kind != Tampered || !strings.Contains(err.Error(), "1_a") {
					t.Errorf("%v", err)
				}
			}
			_, err := testRunner(t, url, load(t, f)).Down(testContext(t), Request{DownFrom: FromRecorded})
			if err == nil {
				t.Error("--recorded ran it")
			}
			if n := pgtest.QueryString(t, url, "SELECT count(*) FROM rung.migrations JOIN pg_class ON relname = 'a'"); n != "1" {
				t.Error("something was undone")
			}
			down(t, url, f, Request{DownFrom: FromFile})
		})
	}
}

// With --no-recorded nothing that the database holds is run.
func TestNoRecorded(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	up(t, url, f)
	r := testRunner(t, url, load(t, f.without("1_a.down.sql")))
	var refusal *RefusalError
	if _, err := r.Down(testContext(t), Request{NoRecorded: true}); !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, "--no-recorded") {
		t.Errorf("%v", err)
	}
	if _, err := r.Redo(testContext(t), Request{NoRecorded: true}); !errors.As(err, &refusal) {
		t.Errorf("%v", err)
	}
	down(t, url, f, Request{NoRecorded: true})
}

// The log only grows, and rung's own work goes on.
func TestLogOnlyGrows(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": "SELECT 2;\n"}
	up(t, url, f)
	for _, try := range []string{
		"UPDATE rung.log SET actor = 'x'", "DELETE FROM rung.log", "TRUNCATE rung.log", "DELETE FROM rung.log WHERE false",
		"SET session_replication_role = replica; DELETE FROM rung.log",
	} {
		if err := pgtestTry(t, url, try); err == nil || !strings.Contains(err.Error(), "the log of rung only grows") {
			t.Errorf("%s: %v", try, err)
		}
	}
	down(t, url, f, Request{})
	up(t, url, f)
	if got := pgtest.QueryStrings(t, url, "SELECT action FROM rung.log ORDER BY id"); strings.Join(got, " ") != "up down up" {
		t.Errorf("%q", got)
	}
	pgtest.Exec(t, url, "DROP SCHEMA rung CASCADE")
}

// Every part of the history tables that may be gone is named, by every command,
// with the way on; what can be made again is.
func TestDamagedHistory(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": "SELECT 2;\n", "2_b.up.sql": "SELECT 3;\n", "2_b.down.sql": "SELECT 4;\n"}
	d := load(t, f)
	commands := map[string]func(*Runner) error{
		"up":      func(r *Runner) error { _, err := r.Up(testContext(t), UpRequest{}); return err },
		"down":    func(r *Runner) error { _, err := r.Down(testContext(t), Request{}); return err },
		"status":  func(r *Runner) error { _, err := r.Status(testContext(t)); return err },
		"history": func(r *Runner) error { _, err := r.History(testContext(t), 0); return err },
		"plan":    func(r *Runner) error { _, err := r.Plan(testContext(t), Up, UpRequest{}); return err },
		"by hand": func(r *Runner) error {
			_, err := r.WriteScript(testContext(t), Up, UpRequest{}, &strings.Builder{})
			return err
		},
		"pause":    func(r *Runner) error { _, err := r.Pause(testContext(t), nil); return err },
		"repair":   func(r *Runner) error { _, err := r.Repair(testContext(t), nil); return err },
		"baseline": func(r *Runner) error { _, err := r.Baseline(testContext(t), "1"); return err },
	}
	n := 0
	for name, c := range map[string]struct {
		damage, want string
		fixable      bool
	}{
		"no form":             {"TRUNCATE rung.format", "have no row in format: they were emptied, or restored without their rows", true},
		"no rows at all":      {"TRUNCATE rung.format, rung.migrations, rung.steps, rung.batches, rung.control, rung.background", "have no row in format: they were emptied, or restored without their rows", true},
		"no format":           {"DROP TABLE rung.format", "lack format", true},
		"no view":             {"DROP VIEW rung.applied", "lack applied", true},
		"no format, no view":  {"DROP VIEW rung.applied; DROP TABLE rung.format", "lack applied and format", true},
		"no migrations":       {"DROP TABLE rung.migrations CASCADE", "are incomplete: applied, migrations are missing", false},
		"no steps":            {"DROP TABLE rung.steps CASCADE", "are incomplete: steps is missing", false},
		"no log":              {"DROP TABLE rung.log", "are incomplete: log is missing", false},
		"no batches":          {"DROP TABLE rung.batches", "are incomplete: batches is missing", false},
		"no control":          {"DROP TABLE rung.control", "are incomplete: control is missing", false},
		"format alone":        {"DROP VIEW rung.applied; DROP TABLE rung.migrations, rung.steps, rung.batches, rung.control, rung.log CASCADE", "are incomplete: applied, batches, control, log, migrations, steps are missing", false},
		"a column":            {"ALTER TABLE rung.steps DROP COLUMN estimate", "lack the column steps.estimate", false},
		"a column of the log": {"ALTER TABLE rung.log DROP COLUMN message", "lack the column log.message", false},
		"another form":        {"UPDATE rung.format SET version = 1", fmt.Sprintf("claim format 1 and have the tables of format %d", store.FormatNow), false},
	} {
		t.Run(name, func(t *testing.T) {
			n++
			schema := fmt.Sprintf("h%d", n)
			there := func(c *Config) { c.HistorySchema = schema }
			up(t, url, f.without("2_b.up.sql", "2_b.down.sql"), there)
			pgtest.Exec(t, url, strings.ReplaceAll(c.damage, "rung.", schema+"."))
			const all = "SELECT (SELECT count(*) FROM pg_class) + (SELECT count(*) FROM pg_attribute) + (SELECT count(*) FROM pg_constraint)"
			before := pgtest.QueryString(t, url, all)
			for command, do := range commands {
				if c.fixable && (command == "repair" || command == "baseline") {
					continue
				}
				var damage *HistoryError
				if err := do(testRunner(t, url, d, there)); !errors.As(err, &damage) || damage.What != c.want || damage.Hint == "" {
					t.Errorf("%s: %v", command, err)
				}
			}
			if after := pgtest.QueryString(t, url, all); after != before {
				t.Error("something was written")
			}
			switch {
			case !c.fixable:
				pgtest.Exec(t, url, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %[1]s_old", schema))
				_, err := testRunner(t, url, d, there).Baseline(testContext(t), "1")
				must(t, err)
			case name == "no rows at all":
				rep, err := testRunner(t, url, d, there).Baseline(testContext(t), "1")
				if err != nil || !rep.Restored || len(rep.Accepted) != 1 {
					t.Errorf("%+v, %v", rep, err)
				}
			default:
				if rep, err := testRunner(t, url, d, there).Repair(testContext(t), nil); err != nil || !rep.Restored {
					t.Errorf("%+v, %v", rep, err)
				}
			}
			if rep := up(t, url, f, there); len(rep.Done) != 1 || rep.Done[0].Version != "2" {
				t.Errorf("%+v", rep.Done)
			}
			down(t, url, f, Request{To: version("0")}, there)
		})
	}
}

// Somebody else's tables of the same names are not taken for rung's, and not touched.
func TestTablesOfOthers(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE log (at timestamptz, message text); CREATE TABLE steps (n int)")
	_, err := upFails(t, url, pairs{"1_a.up.sql": "SELECT 1;\n"}, func(c *Config) { c.HistorySchema = "public" })
	var damage *HistoryError
	if !errors.As(err, &damage) || !strings.Contains(damage.Hint, "--history-schema") {
		t.Errorf("%v", err)
	}
	other := pgtest.URL(t)
	pgtest.Exec(t, other, "CREATE TABLE steps (n int)")
	_, err = upFails(t, other, pairs{"1_a.up.sql": "SELECT 1;\n"}, func(c *Config) { c.HistorySchema = "public" })
	var hinted *HintedError
	if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint, "--history-schema") {
		t.Errorf("%v", err)
	}
}

// A failed attempt stays in the log, with its place, and is the status's business
// until its version goes through.
func TestFailedAttempts(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT generate_series(1, 30)")
	good := pairs{"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": "SELECT 1 / 0;\n"}
	signed := func(c *Config) {
		c.Note, c.Origin = "OPS-7 é", Origin{OSUser: "alice", Host: "build", Job: "https://ci/1"}
	}
	for name, c := range map[string]struct {
		file, message, state string
		line, col, step      int
	}{
		"a statement":  {"SELECT 1;\nSELECT nothing;\n", `column "nothing" does not exist`, "42703", 2, 8, 1},
		"a password":   {"DO $$BEGIN RAISE 'PASSWORD ''x'' is bad'; END$$;\n", "PASSWORD '*' is bad", "P0001", 1, 1, 1},
		"step by step": {"-- rung:no-transaction\nSELECT 1;\nSELECT 1 / 0;\n", "division by zero", "22012", 3, 1, 2},
		"outside":      {"CREATE UNIQUE INDEX CONCURRENTLY ON t ((id % 2));\n", `could not create unique index "t_expr_idx"`, "23505", 1, 1, 1},
		"a batch":      {"-- rung:batch key=t.id rows=10\nUPDATE t SET n = 1 / (id - 25) WHERE id BETWEEN $1 AND $2;\n", "division by zero", "22012", 2, 1, 1},
		"at COMMIT":    {"CREATE TABLE d (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO d VALUES (1), (1);\n", `at COMMIT: duplicate key value violates unique constraint "d_id_key"`, "23505", 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := good.with(pairs{"2_b.up.sql": c.file})
			_, err := upFails(t, url, f, signed)
			r := testRunner(t, url, load(t, f))
			log, e := r.History(testContext(t), 1)
			must(t, e)
			last := log[0]
			if last.Failure == nil || last.Action != "up-failed" || last.Version != "2" || last.Note != "OPS-7 é" || last.OSUser != "alice" || last.Host != "build" || last.Job != "https://ci/1" || last.Role == "" || len(last.Checksum) != 64 {
				t.Fatalf("%+v (%v)", last, err)
			}
			got := *last.Failure
			if got.File != "sql/2_b.up.sql" || got.Line != c.line || got.Col != c.col || got.Step != c.step || got.SQLState != c.state || !strings.HasPrefix(got.Message, c.message) {
				t.Errorf("%+v", got)
			}
			st, e := r.Status(testContext(t))
			must(t, e)
			if st.LastFailure == nil || st.LastFailure.ID != last.ID {
				t.Errorf("%+v", st.LastFailure)
			}
			if name == "a batch" || name == "step by step" || name == "outside" {
				down(t, url, f.with(pairs{"2_b.down.sql": ""}), Request{})
			}
		})
	}
	_, err := testRunner(t, url, load(t, good), signed).Down(testContext(t), Request{})
	if err == nil {
		t.Error("down succeeded")
	}
	if got := pgtest.QueryString(t, url, "SELECT action || ' ' || file || ' ' || sqlstate FROM rung.log ORDER BY id DESC LIMIT 1"); got != "down-failed sql/1_a.down.sql 22012" {
		t.Error(got)
	}
	down(t, url, good.with(pairs{"1_a.down.sql": ""}), Request{DownFrom: FromFile})
	up(t, url, good.with(pairs{"2_b.up.sql": ""}))
	st, err := testRunner(t, url, load(t, good)).Status(testContext(t))
	if err != nil || st.LastFailure != nil {
		t.Errorf("%+v, %v", st.LastFailure, err)
	}
}

// Where the log cannot be told, the failure is reported all the same, and at once.
func TestFailedAttemptThatCannotBeLogged(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	up(t, url, pairs{"1_a.up.sql": ""})
	tx, done := begin(t, url)
	defer done()
	_, err := tx.Exec("LOCK TABLE rung.log IN SHARE MODE")
	must(t, err)
	h := &hearing{}
	_, err = upFails(t, url, pairs{"1_a.up.sql": "", "2_b.up.sql": "SELECT 1 / 0;\n"}, h.listen)
	if e := failing(t, err); e.message() != "division by zero (22012)" || len(heard[NotLogged](h)) != 1 {
		t.Errorf("%v, %d events", err, len(heard[NotLogged](h)))
	}
}

// A server that took over and lacks what was reported is found out, and said.
func TestFailoverToAServerThatIsBehind(t *testing.T) {
	t.Parallel()
	stepwise := pairs{
		"1_a.up.sql": "CREATE TABLE a (id int);\n",
		"2_b.up.sql": "-- rung:no-transaction\nCREATE TABLE b (id int);\n",
		"3_c.up.sql": "-- rung:no-transaction\nCREATE TABLE c1 (id int);\nCREATE TABLE c2 (id int);\n",
	}
	for name, c := range map[string]struct {
		text                   string
		first                  bool
		behind, lost, standing string
	}{
		"a migration is not there": {
			"CREATE TABLE c1", true, "DELETE FROM rung.steps WHERE version = 2; DELETE FROM rung.migrations WHERE version = 2; DROP TABLE b",
			"2_b", "it has 1 migration, the newest is 1_a (applied)",
		},
		"a step is not there": {
			"CREATE TABLE c2", false, "DELETE FROM rung.steps WHERE version = 3; DELETE FROM rung.migrations WHERE version = 3; DROP TABLE c1",
			"step 1 of 3_c", "it has 2 migrations, the newest is 2_b (applied)",
		},
		"nothing is there": {"CREATE TABLE c1", true, "DROP SCHEMA rung CASCADE; DROP TABLE a, b", "1_a 2_b", "it has no migration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			p, through := pgtest.Proxy(t, url)
			var cut atomic.Bool
			p.OnClientMessage(func(m proxy.Message) proxy.Action {
				// The first step's message has the whole file in its claim.
				first := strings.Contains(m.SQL(), "INSERT INTO rung.migrations")
				if m.Type == 'Q' && strings.Contains(m.SQL(), c.text) && first == c.first && !cut.Swap(true) {
					return proxy.Cut
				}
				return proxy.Forward
			})
			listen := func(cfg *Config) {
				cfg.Events = func(e Event) {
					if _, ok := e.(Settling); ok {
						pgtest.Exec(t, url, c.behind)
					}
				}
			}
			rep, err := upFails(t, through, stepwise, listen)
			var behind *BehindError
			if !errors.As(err, &behind) || strings.Join(behind.Lost, " ") != c.lost || behind.Standing != c.standing {
				t.Errorf("%+v, %v", behind, err)
			}
			for _, d := range rep.Done {
				if strings.Contains(c.lost, d.Title) {
					t.Errorf("%s is called done", d.Title)
				}
			}
			up(t, url, stepwise)
		})
	}
}
