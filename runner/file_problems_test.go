package runner

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// badFiles is what is wrong with the files that stopped a run, or "".
func badFiles(err error) string {
	var bad *BadFilesError
	if !errors.As(err, &bad) {
		return ""
	}
	return bad.Error()
}

// What follows a COMMIT and is none of it is refused with its place, in a file
// of either mode, and from the history. Nothing of it is passed over.
func TestWordsBehindCommit(t *testing.T) {
	t.Parallel()
	for sql, place := range map[string]string{
		"BEGIN;\nCREATE TABLE t1 (id int);\nCOMMIT\nINSERT INTO t1 VALUES (1);\n": "4:1: PostgreSQL refuses what follows COMMIT here",
		"BEGIN;\nSELECT 1;\nCOMMIT:\n":                                            "3:7: PostgreSQL refuses what follows COMMIT here",
		"BEGIN;\nSELECT 1;\nCOMMIT foo;\n":                                        "3:8: PostgreSQL refuses what follows COMMIT here",
		"begin;\nselect 1;\nend work -- so\n and no foo;\n":                       "4:2: PostgreSQL refuses what follows END here",
		"BEGIN;\nSELECT 1;\nEND /* x */ ();\n":                                    "3:13: PostgreSQL refuses what follows END here",
		"SELECT 1;\nCOMMIT 'x';\n":                                                "2:8: PostgreSQL refuses what follows COMMIT here",
		"VACUUM;\nBEGIN;\nSELECT 1;\nCOMMIT x;\nSELECT 2;\n":                      "4:8: PostgreSQL refuses what follows COMMIT here",
		"BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN x;\n":                                "3:1: ends the transaction in a way that rung cannot record",
		"BEGIN;\nSELECT 1;\nCOMMIT TRANSACTION WORK;\n":                           "3:20: PostgreSQL refuses what follows COMMIT here",
		"BEGIN;\nSELECT 1;\nCOMMIT AND NO CHAIN AND CHAIN;\n":                     "3:21: PostgreSQL refuses what follows COMMIT here",
	} {
		d := loadBad(t, pairs{"1_a.up.sql": sql})
		got := badFiles(d.Bad())
		if !strings.HasPrefix(got, "sql/1_a.up.sql:"+place) {
			t.Errorf("%q: %s\nwant %s", sql, got, place)
		}
	}
	for _, sql := range []string{
		"BEGIN; SELECT 1; COMMIT", "BEGIN; SELECT 1; COMMIT WORK;", "BEGIN; SELECT 1; END TRANSACTION;", "BEGIN; SELECT 1; END AND NO CHAIN;",
		"BEGIN; SELECT 1; COMMIT /* all */ WORK -- of it\n AND NO CHAIN;", "COMMIT PREPARED 'x';", "END PREPARED 'x';",
	} {
		load(t, pairs{"1_a.up.sql": sql})
	}
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "CREATE TABLE t1 (id int)", "1_a.down.sql": "BEGIN;\nDROP TABLE t1;\nCOMMIT:"}
	r := testRunner(t, url, loadBad(t, f))
	if _, err := r.Up(testContext(t), UpRequest{}); err != nil {
		t.Fatalf("the down file stopped up: %v", err)
	}
	if _, err := r.Down(testContext(t), Request{}); badFiles(err) != "sql/1_a.down.sql:3:7: PostgreSQL refuses what follows COMMIT here; end COMMIT with a `;`, or remove the rest" {
		t.Errorf("down: %v", err)
	}
	// An earlier rung took such a file.
	pgtest.Exec(t, url, "UPDATE rung.migrations SET down_sql = E'DROP TABLE t1;\nCOMMIT:', down_checksum = encode(sha256(E'DROP TABLE t1;\nCOMMIT:'), 'hex')")
	if _, err := testRunner(t, url, load(t, f.without("1_a.down.sql"))).Down(testContext(t), Request{}); !strings.Contains(badFiles(err), "2:7: PostgreSQL refuses") {
		t.Errorf("down from the history: %v", err)
	}
	is(t, url, "SELECT count(*) FROM t1", "0")
	var script bytes.Buffer
	bad := pairs{"2_b.up.sql": "BEGIN;\nCREATE TABLE t2 (id int);\nCOMMIT\nINSERT INTO t2 VALUES (1);\n"}.with(f)
	if _, err := testRunner(t, url, loadBad(t, bad)).WriteScript(testContext(t), Up, UpRequest{}, &script); badFiles(err) == "" || script.Len() > 0 {
		t.Errorf("plan --sql: %v\n%s", err, script.String())
	}
}

// A file that has the server read other characters than stand in it is refused;
// the SETs of pg_dump are not.
func TestSettingsOfTheText(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SET client_encoding = 'UTF8';": "",
		"SET client_encoding TO utf8; SET NAMES 'UTF-8'; SET SESSION client_encoding = Unicode":        "",
		"SELECT pg_catalog.set_config('client_encoding', 'UTF8', false);":                              "",
		"SET standard_conforming_strings = on;":                                                        "",
		"SELECT current_setting('client_encoding'); COMMENT ON TABLE t IS 'client_encoding'":           "",
		"-- SET client_encoding = 'LATIN1'\nSELECT 1 /* set_config('client_encoding', 'x', false) */;": "",
		"ALTER ROLE app SET client_encoding = 'LATIN1'; CREATE TABLE names (client_encoding text)":     "",
		"SET client_encoding = 'LATIN1';":                                                              "1:1: sets client_encoding to 'LATIN1'",
		"SELECT 1;\nset /* x */ local \"client_encoding\" to sjis;":                                    "2:1: sets client_encoding to 'sjis'",
		"SET NAMES 'LATIN1';":             "1:1: sets client_encoding to 'LATIN1'",
		"SET NAMES;":                      "1:1: sets client_encoding to the session's own",
		"SET client_encoding TO DEFAULT;": "1:1: sets client_encoding to the session's own",
		"RESET client_encoding;":          "1:1: sets client_encoding to the session's own",
		"SELECT set_config( 'client_encoding' , 'win1252', true);":                 "1:1: sets client_encoding to 'win1252'",
		"DO $$BEGIN SET client_encoding = 'LATIN1'; END$$":                         "1:1: sets client_encoding to 'LATIN1'",
		"DO $$BEGIN PERFORM set_config('client_encoding', 'LATIN1', false); END$$": "1:1: sets client_encoding to 'LATIN1'",
		"SET standard_conforming_strings = off;\nSELECT 'it\\'s;\n":                "1:1: standard_conforming_strings = off is not supported",
		"SET standard_conforming_strings TO 'false';":                              "1:1: standard_conforming_strings = off is not supported",
	} {
		got := badFiles(loadBad(t, pairs{"1_a.up.sql": sql}).Bad())
		got = strings.TrimPrefix(got, "sql/1_a.up.sql:")
		if !strings.HasPrefix(got, want) || want == "" && got != "" || strings.Contains(got, "\n") {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
}

// A session in which strings end elsewhere is refused before anything is run.
func TestStringsOfTheSession(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END$$")
	f := pairs{"1_a.up.sql": `CREATE TABLE t AS SELECT 'a\b' AS x`}
	_, err := upFails(t, url, f)
	var no *RefusalError
	if !errors.As(err, &no) || !strings.Contains(no.Reason, "standard_conforming_strings = off is not supported") {
		t.Errorf("%v", err)
	}
	up(t, url+"&options=-c%20standard_conforming_strings=on", f)
	is(t, url+"&options=-c%20standard_conforming_strings=on", "SELECT x FROM t", `a\b`)
	if _, err = testRunner(t, url, load(t, f)).Status(testContext(t)); !errors.As(err, &no) {
		t.Errorf("status: %v", err)
	}
}

// A file that is not written yet runs in neither direction, from the file or
// from the history, and is not recorded as applied in another way.
func TestTodo(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_a.up.sql": "CREATE TABLE a ()", "1_a.down.sql": "-- rung:todo\n",
		"2_b.up.sql": "CREATE TABLE b ();\n-- rung:todo the index\n", "2_b.down.sql": "DROP TABLE b",
	}
	const todo = "rung:todo says that the file is not written yet, so nothing runs it; write its SQL, and remove that line"
	r := testRunner(t, url, loadBad(t, f))
	if _, err := r.Up(testContext(t), UpRequest{}); badFiles(err) != "sql/2_b.up.sql:2:1: "+todo {
		t.Errorf("up: %v", err)
	}
	if _, err := r.Plan(testContext(t), Up, UpRequest{}); badFiles(err) != "sql/2_b.up.sql:2:1: "+todo {
		t.Errorf("plan: %v", err)
	}
	if _, err := r.Baseline(testContext(t), "2"); badFiles(err) != "sql/2_b.up.sql:2:1: "+todo {
		t.Errorf("baseline: %v", err)
	}
	one := version("1")
	if _, err := r.Up(testContext(t), UpRequest{Request: Request{To: one}}); err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func() error{
		"down": func() error { _, err := r.Down(testContext(t), Request{}); return err },
		"redo": func() error { _, err := r.Redo(testContext(t), Request{}); return err },
	} {
		if err := run(); badFiles(err) != "sql/1_a.down.sql:1:1: "+todo {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Once it is written it runs: nothing was recorded that would contradict it.
	down(t, url, f.with(pairs{"1_a.down.sql": "DROP TABLE a"}).without("2_b.up.sql"), Request{})
	is(t, url, "SELECT count(*) FROM pg_class WHERE relname = 'a'", "0")
}

// A file with a problem stops the commands that would run it, and no others.
func TestProblemsStopWhatRunsThem(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	good := pairs{
		"1_a.up.sql": "CREATE TABLE a ()", "1_a.down.sql": "DROP TABLE a",
		"2_b.up.sql": "CREATE TABLE b ()", "2_b.down.sql": "DROP TABLE b",
	}
	up(t, url, good)
	f := good.with(pairs{
		"3_c.up.sql": "SELECT 'open", "3_c.down.sql": "SELECT 1", "4_d.up.sql": "SELECT 1", "4_d.down.sql": "\\i x\n",
		"1_a.down.sql": "DROP TABLE a;\nROLLBACK;", "5_e.up.sql": "SELECT 'caf\xe9'",
	})
	d := loadBad(t, f)
	if got := strings.Count(badFiles(d.Bad()), "\n") + 1; got != 4 {
		t.Errorf("validate finds %d: %v", got, d.Bad())
	}
	r := testRunner(t, url, d)
	st, err := r.Status(testContext(t))
	if err != nil || st.Pending() != 3 {
		t.Errorf("status: %+v, %v", st, err)
	}
	if _, err := r.Up(testContext(t), UpRequest{Request: Request{To: version("3")}}); !strings.HasPrefix(badFiles(err), "sql/3_c.up.sql:1:8") || strings.Contains(badFiles(err), "\n") {
		t.Errorf("up: %v", err)
	}
	if _, err := r.Redo(testContext(t), Request{}); err != nil {
		t.Errorf("redo: %v", err)
	}
	if _, err := r.Repair(testContext(t), []Version{"2"}); err != nil {
		t.Errorf("repair of another: %v", err)
	}
	if _, err := r.Repair(testContext(t), nil); !strings.HasPrefix(badFiles(err), "sql/1_a.down.sql:2:1") {
		t.Errorf("repair: %v", err)
	}
	if rep, err := r.Down(testContext(t), Request{}); err != nil || len(rep.Done) != 1 {
		t.Errorf("down: %v", err)
	}
	if _, err := r.Down(testContext(t), Request{DownFrom: FromRecorded}); err != nil {
		t.Errorf("down --recorded: %v", err)
	}
	// What has run elsewhere can be recorded, whatever rung thinks of it.
	if rep, err := r.Baseline(testContext(t), "5"); err != nil || len(rep.Accepted) != 5 {
		t.Errorf("baseline: %v", err)
	}
	is(t, url, "SELECT string_agg(version || ' ' || (up_sql IS NOT NULL) || ' ' || (down_sql IS NOT NULL), ', ' ORDER BY version) FROM rung.migrations",
		"1 true false, 2 true true, 3 true true, 4 true false, 5 false false")
}

// Of two up files of one version, which ran cannot be told: up stops where one
// is due or applied, and nothing else does.
func TestDuplicatesStopUp(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	good := pairs{"2_b.up.sql": "CREATE TABLE b ()", "2_b.down.sql": "DROP TABLE b"}
	up(t, url, good)
	r := testRunner(t, url, loadBad(t, good.with(pairs{"02_a.up.sql": "CREATE TABLE a ()", "3_c.up.sql": "CREATE TABLE c ()"})))
	if _, err := r.Up(testContext(t), UpRequest{}); badFiles(err) != "sql/2_b.up.sql: version 2 is already used by sql/02_a.up.sql; renumber one of them (leading zeros do not count)" {
		t.Errorf("up: %v", err)
	}
	if st, err := r.Status(testContext(t)); err != nil || len(st.Findings) > 0 {
		t.Errorf("status: %+v, %v", st, err)
	}
	if _, err := r.Down(testContext(t), Request{}); err != nil {
		t.Errorf("down: %v", err)
	}
	r = testRunner(t, url, loadBad(t, pairs{"1_a.up.sql": "CREATE TABLE a ()", "9_x.up.sql": "SELECT 1", "09_y.up.sql": "SELECT 1"}))
	if _, err := r.Up(testContext(t), UpRequest{Request: Request{To: version("1")}}); err != nil {
		t.Errorf("up below: %v", err)
	}
	if _, err := r.Up(testContext(t), UpRequest{}); badFiles(err) == "" {
		t.Errorf("up: %v", err)
	}
}
