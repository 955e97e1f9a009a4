package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// A history that serves many schemas keeps each text once, and all that reads a
// text finds it there.
func TestScopesShareTexts(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n",
		"2_b.up.sql": "CREATE TABLE b (id int);\n", // has no down file
		"3_c.up.sql": "-- rung:secret\nCREATE TABLE c (id int DEFAULT 4711);\n", "3_c.down.sql": "-- rung:secret\nDROP TABLE c; SELECT 4711;\n",
		"4_d.up.sql": "CREATE TABLE d (id int);\n-- " + strings.Repeat("x", store.UpTextLimit) + "\n", "4_d.down.sql": "DROP TABLE d;\n",
	}
	in := func(scope string) func(*Config) { return func(c *Config) { c.Scope = scope } }
	scopes := []string{"one", "two", "three", "four", "five"}
	for _, scope := range scopes {
		pgtest.Exec(t, url, "CREATE SCHEMA "+scope)
	}
	all := AdoptRequest{Read: func(_ context.Context, _ Asker, d *Directory, _ []AppliedRow) (from []Adoption, err error) {
		for _, m := range d.Migrations {
			from = append(from, Adoption{Version: m.Version, From: "another tool"})
		}
		return from, nil
	}}
	if _, err := testRunner(t, url, load(t, f), in("five")).Adopt(testContext(t), all); err != nil {
		t.Error(err)
	}
	each := func() { // each command brings the texts itself
		is(t, url, "SELECT count(*) FROM rung.texts", "4")
		pgtest.Exec(t, url, "DELETE FROM rung.texts")
	}
	each()
	up(t, url, f, in("one"))
	up(t, url, f, in("two"))
	each()
	if _, err := testRunner(t, url, load(t, f), in("three")).Baseline(testContext(t), "4"); err != nil {
		t.Error(err)
	}
	var refusal *RefusalError
	if _, err := testRunner(t, url, load(t, f), in("four")).WriteScript(testContext(t), Up, UpRequest{}, io.Discard); !errors.As(err, &refusal) {
		t.Errorf("%v", err)
	}
	up(t, url, f, in("four"))
	is(t, url, "SELECT count(*), count(up_sql), count(down_sql) FROM rung.migrations", "20|0|0")
	is(t, url, "SELECT count(*), count(*) FILTER (WHERE checksum = encode(sha256(sql::bytea), 'hex')), count(*) FILTER (WHERE sql LIKE '%4711%') FROM rung.texts", "4|4|0")
	for _, scope := range scopes {
		is(t, url, "SELECT string_agg(version || ' ' || has_up_sql || ' ' || has_down_sql, ', ' ORDER BY version) FROM rung.applied WHERE scope = '"+scope+"'",
			"1 true true, 2 true false, 3 false false, 4 false true")
	}
	changed := f.with(pairs{"1_a.up.sql": "CREATE TABLE a (id bigint);\n"})
	for _, scope := range scopes {
		var edited *DisagreementError
		_, err := testRunner(t, url, load(t, changed), in(scope)).Up(testContext(t), UpRequest{})
		if !errors.As(err, &edited) || !strings.Contains(edited.Findings[0].Diff, "-CREATE TABLE a (id int);") {
			t.Errorf("%s: %v", scope, err)
		}
	}
	if _, err := testRunner(t, url, load(t, changed), in("two")).Repair(testContext(t), nil); err != nil {
		t.Error(err)
	}
	is(t, url, "SELECT count(*), (SELECT count(*) FROM rung.texts) FROM rung.migrations JOIN rung.texts ON checksum = up_checksum WHERE sql LIKE '%bigint%'", "1|5")
	pgtest.Exec(t, url, "CREATE TABLE three.a (); CREATE TABLE three.c (); CREATE TABLE three.d (); CREATE TABLE five.a (); CREATE TABLE five.c (); CREATE TABLE five.d ()")
	for _, scope := range scopes {
		down(t, url, f.without("1_a.down.sql", "4_d.down.sql"), Request{Steps: 1}, in(scope))
		down(t, url, f.without("1_a.down.sql", "4_d.down.sql", "2_b.up.sql").with(pairs{"2_b.down.sql": "DROP TABLE IF EXISTS b, c;\n"}), Request{Steps: 2, DownFrom: FromFile}, in(scope))
		down(t, url, pairs{}, Request{Steps: 1}, in(scope))
	}
	is(t, url, "SELECT (SELECT count(*) FROM rung.migrations) + count(*) FROM pg_tables WHERE schemaname IN ('one', 'two', 'three', 'four', 'five')", "0")
}

// A text that was changed where it is kept does not run.
func TestTamperedTextOfScope(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA one")
	f := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}
	in := func(c *Config) { c.Scope = "one" }
	up(t, url, f, in)
	pgtest.Exec(t, url, "UPDATE rung.texts SET sql = 'SELECT 1' WHERE sql LIKE 'DROP%'")
	_, err := testRunner(t, url, load(t, pairs{}), in).Down(testContext(t), Request{})
	var d *DisagreementError
	if !errors.As(err, &d) || d.Findings[0].Kind != Tampered {
		t.Errorf("%v", err)
	}
	is(t, url, "SELECT count(*) FROM one.a", "0")
}

// No scope waits for the transaction of another that brings the same text.
func TestScopesBringATextSideBySide(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "SELECT pg_advisory_lock_shared(4711);\nSELECT pg_advisory_unlock_shared(4711);\nCREATE TABLE a (id int);\n"}
	pgtest.Exec(t, url, "CREATE SCHEMA one; CREATE SCHEMA two")
	up(t, url, pairs{"0_none.up.sql": ""}, func(c *Config) { c.Scope = "one" })
	o := join(t, url)
	o.do("SELECT pg_advisory_lock(4711)")
	ended := make(chan error, 2)
	for _, scope := range []string{"one", "two"} {
		go func() {
			_, err := testRunner(t, url, load(t, f.with(pairs{"0_none.up.sql": ""})), func(c *Config) { c.Scope, c.LockTimeout = scope, 0 }).Up(testContext(t), UpRequest{})
			ended <- err
		}()
	}
	eventually(t, "both are in their file", func() bool {
		return ask(t, url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted") == "2"
	})
	o.do("SELECT pg_advisory_unlock(4711)")
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Texts that an earlier format kept with each scope's row are found where they are.
func TestTextsOfAnEarlierFormat(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA rung; CREATE SCHEMA one; CREATE TABLE one.a ()")
	b := store.Book{Schema: "rung"}
	for n := range store.FormatOfTexts - 1 {
		pgtest.Exec(t, url, b.SQL(fmt.Sprintf("format/%03d", n+1), nil))
	}
	f := pairs{"1_a.up.sql": "CREATE TABLE a ();\n", "1_a.down.sql": "DROP TABLE a;\n", "2_b.up.sql": "CREATE TABLE b ();\n", "2_b.down.sql": "DROP TABLE b;\n"}
	d := load(t, f)
	pgtest.Exec(t, url, fmt.Sprintf("INSERT INTO rung.migrations (scope, version, name, state, up_checksum, down_checksum, up_sql, down_sql, run, rung_version) VALUES ('one', 1, 'a', 'applied', '%s', '%s', '%s', '%s', 'x', 'old')",
		d.Migrations[0].Up.Checksum, d.Migrations[0].Down.Checksum, f["1_a.up.sql"], f["1_a.down.sql"]))
	in := func(c *Config) { c.Scope = "one" }
	st, err := testRunner(t, url, d, in).Status(testContext(t))
	if err != nil || st.Pending() != 1 || len(st.Findings) != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	up(t, url, f, in)
	down(t, url, pairs{}, Request{To: version("0")}, in)
	tables := pgtest.QueryStrings(t, url, "SELECT tablename FROM pg_tables WHERE schemaname = 'one'")
	if slices.Contains(tables, "a") || slices.Contains(tables, "b") {
		t.Errorf("%q", tables)
	}
}
