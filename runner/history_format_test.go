package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// laterRung gives this package, for a while, the history's next form. It must
// not run beside other tests: formatNow is one for all.
func laterRung(t *testing.T, do func()) {
	t.Helper()
	t.Setenv("RUNG_TEST_ALONE", "1") // which no parallel test may do
	wasFiles, wasForm := store.Files, store.FormatNow
	defer func() { store.Files, store.FormatNow = wasFiles, wasForm }()
	store.FormatNow++
	store.Files = overlay{wasFiles, fstest.MapFS{
		fmt.Sprintf("sql/format/%03d.sql", store.FormatNow): {Data: []byte(fmt.Sprintf(
			"ALTER TABLE :\"schema\".migrations ADD COLUMN mood text NOT NULL DEFAULT 'fine';\nCREATE TABLE :\"schema\".later (id int);\nUPDATE :\"schema\".format SET version = %d, upgraded_at = pg_catalog.now();\n", store.FormatNow))},
	}}
	do()
}

// overlay is a directory with more files.
type overlay struct {
	fs.ReadFileFS
	more fs.ReadFileFS
}

func (o overlay) ReadFile(name string) ([]byte, error) {
	if b, err := o.more.ReadFile(name); err == nil {
		return b, nil
	}
	return o.ReadFileFS.ReadFile(name)
}

// The forms that are embedded lead one to the other, and each says its number.
func TestForms(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	b := store.Book{Schema: "rung"}
	pgtest.Exec(t, url, "CREATE SCHEMA rung")
	for n := 1; n <= store.FormatNow; n++ {
		pgtest.Exec(t, url, b.SQL(fmt.Sprintf("format/%03d", n), nil))
		if got := pgtest.QueryString(t, url, "SELECT version FROM rung.format"); got != fmt.Sprint(n) {
			t.Errorf("form %d calls itself %s", n, got)
		}
	}
	straight := pgtest.URL(t)
	up(t, straight, pairs{"1_a.up.sql": ""})
	const tables = "SELECT attrelid::regclass, attname, atttypid::regtype, attnotnull FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'rung'::regnamespace AND attnum > 0 ORDER BY 1, attnum"
	if got, want := pgtest.QueryStrings(t, url, tables), pgtest.QueryStrings(t, straight, tables); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q\n%q", got, want)
	}
}

// An older record is read as it is, and upgraded in place by the first run that
// has something to do; a newer one is refused by every command.
func TestFormIsUpgradedInPlace(t *testing.T) {
	url := pgtest.URL(t)
	one, two := pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n"}, pairs{"2_b.up.sql": "CREATE TABLE b (id int);\n"}
	up(t, url, one)
	before := record(t, url)
	was := store.FormatNow
	laterRung(t, func() {
		r := testRunner(t, url, load(t, one))
		if st, err := r.Status(testContext(t)); err != nil || st.Pending() != 0 || len(st.Findings) > 0 {
			t.Errorf("status: %+v, %v", st, err)
		}
		up(t, url, one) // has nothing to do
		if got := record(t, url); got != before {
			t.Errorf("reading changed the history\n%s", differing(got, before))
		}
		script := byHandScript(t, url, load(t, one.with(two)), Up, UpRequest{})
		if !strings.Contains(script, "CREATE TABLE rung.later") || strings.Contains(script, "CREATE TABLE rung.migrations") {
			t.Errorf("plan --sql does not upgrade the history tables:\n%s", script)
		}
		var created []HistoryCreated
		up(t, url, one.with(two), func(c *Config) {
			c.Events = func(e Event) {
				if c, ok := e.(HistoryCreated); ok {
					created = append(created, c)
				}
			}
		})
		if len(created) != 1 || created[0] != (HistoryCreated{Schema: "rung", From: was, To: was + 1}) {
			t.Errorf("%+v", created)
		}
		if got := pgtest.QueryString(t, url, "SELECT (SELECT version FROM rung.format) || ' ' || (SELECT count(*) FROM rung.migrations WHERE mood = 'fine')"); got != fmt.Sprintf("%d 2", was+1) {
			t.Error(got)
		}
	})
	d := load(t, one.with(two))
	for name, do := range map[string]func(*Runner) error{
		"up":      func(r *Runner) error { _, err := r.Up(testContext(t), UpRequest{}); return err },
		"down":    func(r *Runner) error { _, err := r.Down(testContext(t), Request{}); return err },
		"status":  func(r *Runner) error { _, err := r.Status(testContext(t)); return err },
		"history": func(r *Runner) error { _, err := r.History(testContext(t), 0); return err },
		"plan":    func(r *Runner) error { _, err := r.Plan(testContext(t), Up, UpRequest{}); return err },
	} {
		var refusal *RefusalError
		err := do(testRunner(t, url, d))
		if want := fmt.Sprintf("the history tables in schema rung have format %d, and this rung knows formats up to %d", was+1, was); !errors.As(err, &refusal) || refusal.Reason != want || refusal.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Records of the forms that rungs have written are read by this one.
func TestReadOlderForms(t *testing.T) {
	t.Parallel()
	for n := 1; n < store.FormatNow; n++ {
		url := pgtest.URL(t)
		b := store.Book{Schema: "rung"}
		pgtest.Exec(t, url, "CREATE SCHEMA rung")
		for i := 1; i <= n; i++ {
			pgtest.Exec(t, url, b.SQL(fmt.Sprintf("format/%03d", i), nil))
		}
		f := pairs{"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": "SELECT 2;\n", "2_b.up.sql": "SELECT 3;\n"}
		d := load(t, f)
		pgtest.Exec(t, url, fmt.Sprintf("INSERT INTO rung.migrations (version, name, state, up_checksum, down_checksum, up_sql, down_sql, run, rung_version) VALUES (1, 'a', 'applied', '%s', '%s', 'SELECT 1;', 'SELECT 2;', 'x', 'old')",
			d.Migrations[0].Up.Checksum, d.Migrations[0].Down.Checksum))
		r := testRunner(t, url, d)
		if st, err := r.Status(testContext(t)); err != nil || st.Pending() != 1 || len(st.Findings) > 0 {
			t.Errorf("form %d: status: %+v, %v", n, st, err)
		}
		if _, err := r.History(testContext(t), 0); err != nil {
			t.Errorf("form %d: history: %v", n, err)
		}
		if _, err := r.Plan(testContext(t), Down, UpRequest{}); err != nil {
			t.Errorf("form %d: plan down: %v", n, err)
		}
		up(t, url, f)
		down(t, url, f.with(pairs{"2_b.down.sql": ""}), Request{To: version("0"), DownFrom: FromFile})
	}
}
