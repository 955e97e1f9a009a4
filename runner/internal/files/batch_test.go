package files

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

// scriptOf splits and checks one up file.
func scriptOf(t testing.TB, text string) *Script {
	t.Helper()
	s, err := newScript("sql/1_a.up.sql", func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// problemsIn are what is wrong with a file, a line each.
func problemsIn(t testing.TB, text string) string {
	t.Helper()
	ps := scriptOf(t, text).Problems
	SortProblems(ps)
	return (&BadFilesError{ps}).Error()
}

const boundedUpdate = "UPDATE t SET n = 1 WHERE id BETWEEN $1 AND $2;\n"

func TestBatchDirective(t *testing.T) {
	defaults := BatchOptions{Rows: 10_000, Target: 200 * time.Millisecond, Workers: 1}
	with := func(change func(*BatchOptions)) BatchOptions {
		o := defaults
		change(&o)
		return o
	}
	for _, c := range []struct {
		args, table string
		columns     []string
		options     BatchOptions
	}{
		{"key=users.id", "users", []string{"id"}, defaults},
		{"key=app.users.id", "app.users", []string{"id"}, defaults},
		{"key=users(id)", "users", []string{"id"}, defaults},
		{"key=app.users(a,b)", "app.users", []string{"a", "b"}, defaults},
		{"key=app.users( a , b )", "app.users", []string{"a", "b"}, defaults},
		{"key=Users.ID", "users", []string{"id"}, defaults},
		{`key="Users"."The ID"`, `"Users"`, []string{"The ID"}, defaults},
		{`key="a.b"."c(d"("e,f","g)""h")`, `"a.b"."c(d"`, []string{"e,f", `g)"h`}, defaults},
		{`key="order"."user"`, `"order"`, []string{"user"}, defaults},
		{"key=größe.straße", `"größe"`, []string{"straße"}, defaults},
		{"rows=5 key=t.id", "t", []string{"id"}, with(func(o *BatchOptions) { o.Rows = 5 })},
		{"key=t.id\ttarget=2s  workers=3", "t", []string{"id"}, with(func(o *BatchOptions) { o.Target, o.Workers = 2*time.Second, 3 })},
		{"key=t.id pause=250ms max-lag=1min", "t", []string{"id"}, with(func(o *BatchOptions) { o.Pause, o.MaxLag = 250*time.Millisecond, time.Minute })},
		{"key=t.id pause=0 max-lag=off", "t", []string{"id"}, defaults},
		{"key=t.id vacuum=auto", "t", []string{"id"}, defaults},
		{"key=t.id vacuum=off", "t", []string{"id"}, with(func(o *BatchOptions) { o.Vacuum = VacuumOff })},
		{"key=t.id vacuum=20", "t", []string{"id"}, with(func(o *BatchOptions) { o.Vacuum = 20 })},
	} {
		n := 2 * len(c.columns)
		statement := "UPDATE t SET n = 1 WHERE ($1, $2) IS NOT NULL;"
		if n == 4 {
			statement = "UPDATE t SET n = 1 WHERE ($1, $2, $3, $4) IS NOT NULL;"
		}
		s := scriptOf(t, "-- rung:batch "+c.args+"\n"+statement)
		if len(s.Problems) > 0 {
			t.Errorf("%s: %v", c.args, s.Problems)
			continue
		}
		want := &Batch{Table: c.table, Columns: c.columns, BatchOptions: c.options}
		if len(s.Steps) != 1 || !reflect.DeepEqual(s.Steps[0].Batch, want) {
			t.Errorf("%s: %+v, not %+v", c.args, s.Steps[0].Batch, want)
		}
	}
}

func TestBatchDirectiveErrors(t *testing.T) {
	const write = "; write it like `-- rung:batch key=users.id rows=10000`"
	for args, want := range map[string]string{
		"":                                 "has no key=table.column",
		"rows=5":                           "has no key=table.column",
		"users.id":                         `has "users.id", which is not option=value`,
		"key=users":                        "key=users is not table.column or schema.table(column,column)",
		"key=a.b.c.d":                      "key=a.b.c.d is not table.column or schema.table(column,column)",
		"key=t()":                          "key=t() is not table.column or schema.table(column,column)",
		"key=t(a,b,c)":                     "key=t(a,b,c) is not table.column or schema.table(column,column)",
		"key=t(a,b":                        "key=t(a,b is not table.column or schema.table(column,column)",
		"key=d.s.t(a)":                     "key=d.s.t(a) is not table.column or schema.table(column,column)",
		"key=t.":                           "key=t. is not table.column or schema.table(column,column)",
		`key="t.id`:                        `key="t.id is not table.column or schema.table(column,column)`,
		`key=""."id"`:                      `key=""."id" is not table.column or schema.table(column,column)`,
		"key=t.id,rows=5":                  "key=t.id,rows=5 is not table.column or schema.table(column,column)",
		"key=t.a-b":                        "key=t.a-b is not table.column or schema.table(column,column)",
		"key=t.id rows=0":                  "rows=0 is not a number above 0",
		"key=t.id rows=-1":                 "rows=-1 is not a number above 0",
		"key=t.id rows=1e6":                "rows=1e6 is not a number above 0",
		"key=t.id rows=":                   "rows= is not a number above 0",
		"key=t.id workers=none":            "workers=none is not a number above 0",
		"key=t.id target=0":                "target: 0 is less than 1ms",
		"key=t.id target=500":              `target: "500" is not a duration: write it like 500ms, 2s, 10min or 1h`,
		"key=t.id pause=-1s":               `pause: "-1s" is not a duration: write it like 500ms, 2s, 10min or 1h`,
		"key=t.id max-lag=10":              `max-lag: "10" is not a duration: write it like 500ms, 2s, 10min or 1h`,
		"key=t.id vacuum=sometimes":        "vacuum=sometimes is not auto, off, or a number of batches",
		"key=t.id vacuum=0":                "vacuum=0 is not auto, off, or a number of batches",
		"key=t.id size=5":                  "has no option size",
		"key=t.id rows=5 workers=2 rows=6": "has rows twice",
	} {
		got := problemsIn(t, "SELECT 1;\n\n  -- rung:batch "+args+"\n"+boundedUpdate)
		if want := "sql/1_a.up.sql:3:3: rung:batch " + want + write; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", args, got, want)
		}
	}
}

// What is wrong with the statements of a batch is found before anything runs.
func TestBatchStatementErrors(t *testing.T) {
	const key = "-- rung:batch key=t.id\n"
	for _, c := range []struct{ name, text, want string }{
		{"without $2", key + "UPDATE t SET n = 1 WHERE id >= $1;", "sql/1_a.up.sql:1:1: the batch does not use both $1 and $2; bound it, as in WHERE id BETWEEN $1 AND $2"},
		{"without any", key + "UPDATE t SET n = 1;", "sql/1_a.up.sql:1:1: the batch does not use both $1 and $2; bound it, as in WHERE id BETWEEN $1 AND $2"},
		{"parameters in a string or a comment do not count", key + "UPDATE t SET n = '$1' /* $2 */;", "sql/1_a.up.sql:1:1: the batch does not use both $1 and $2; bound it, as in WHERE id BETWEEN $1 AND $2"},
		{"two columns need four", "-- rung:batch key=t(a,b)\n" + boundedUpdate, "sql/1_a.up.sql:1:1: the batch does not use all of $1 to $4; bound it, as in WHERE (a, b) BETWEEN ($1, $2) AND ($3, $4)"},
		{"$3 of one column", key + "UPDATE t SET n = $3 WHERE id BETWEEN $1 AND $2;", "sql/1_a.up.sql:1:1: the batch has a parameter above $2; $1 and $2 are the first and last key; $1 to $4 for a key of two columns"},
		{"DDL", key + "ALTER TABLE t ADD n int DEFAULT $1;", "sql/1_a.up.sql:1:1: the batch does not use both $1 and $2; bound it, as in WHERE id BETWEEN $1 AND $2\nsql/1_a.up.sql:2:1: ALTER cannot run in batches; move it out of the batch: only SELECT, INSERT, UPDATE, DELETE and MERGE can"},
		{"above nothing", "SELECT 1;\n" + key, "sql/1_a.up.sql:2:1: rung:batch stands above no statement; put it right above the statement that it batches"},
		{"end alone", boundedUpdate[:0] + "SELECT 1;\n-- rung:end\n", "sql/1_a.up.sql:2:1: rung:end without its rung:batch; take it out"},
		{"end twice", key + boundedUpdate + "-- rung:end\n-- rung:end\n", "sql/1_a.up.sql:4:1: rung:end without its rung:batch; take it out"},
		{"end at once", key + "-- rung:end\nSELECT 1;", "sql/1_a.up.sql:1:1: the batch does not use both $1 and $2; bound it, as in WHERE id BETWEEN $1 AND $2"},
		{"end with arguments", key + boundedUpdate + "-- rung:end batch\n", "sql/1_a.up.sql:3:1: rung:end takes no arguments; see `rung help directives`"},
		{"end forgotten", key + boundedUpdate + boundedUpdate, "sql/1_a.up.sql:3:1: a parameter outside of a batch; close a batch of several statements by `-- rung:end` below the last one"},
		{"one message for a bad directive", "-- rung:batch key=t\n" + boundedUpdate + "-- rung:end\n", "sql/1_a.up.sql:1:1: rung:batch key=t is not table.column or schema.table(column,column); write it like `-- rung:batch key=users.id rows=10000`"},
		{"inside the statement", "UPDATE t\n-- rung:batch key=t.id\nSET n = 1 WHERE id BETWEEN $1 AND $2;", "sql/1_a.up.sql:2:1: rung:batch stands inside a statement; move it above the statement"},
		{"in a transaction of the file's own", "BEGIN;\n" + key + boundedUpdate + "COMMIT;\n", "sql/1_a.up.sql:3:1: a batch inside BEGIN … COMMIT; move it out of the group: each batch commits by itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problemsIn(t, c.text); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestBatchSteps(t *testing.T) {
	s := scriptOf(t, `CREATE TABLE t (id int PRIMARY KEY, n int);
SET search_path = app;
-- rung:batch key=t.id
SELECT id FROM t WHERE id BETWEEN $1 AND $2 FOR UPDATE;
-- between the two
UPDATE t SET n = 1 WHERE id BETWEEN $1 AND $2;
-- rung:end
INSERT INTO t VALUES (1);
-- rung:batch key=t.id
DELETE FROM t WHERE id BETWEEN $1 AND $2;
SELECT 2;`)
	if len(s.Problems) > 0 || s.Mode() != Stepwise {
		t.Fatal(s.Mode(), s.Problems)
	}
	type step struct {
		first, last int
		batch       bool
		session     int
	}
	var got []step
	for _, st := range s.Steps {
		got = append(got, step{st.First, st.Last, st.Batch != nil, len(st.Session)})
	}
	want := []step{{0, 1, false, 0}, {2, 4, true, 1}, {4, 5, false, 1}, {5, 6, true, 1}, {6, 7, false, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}
