package pgtest

import (
	"net/url"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	// What a developer's shell may hold; Main must take it away.
	_ = os.Setenv("PGOPTIONS", "-c search_path=elsewhere")
	_ = os.Setenv("DATABASE_URL", "postgres://production.example/")
	Main(m)
}

func TestEnvironmentIsClean(t *testing.T) {
	if os.Getenv("PGOPTIONS") != "" || os.Getenv("DATABASE_URL") != "" {
		t.Error(os.Environ())
	}
}

func TestURLIsADatabaseOfTheTestsOwn(t *testing.T) {
	var first string
	t.Run("made", func(t *testing.T) {
		first = URL(t)
		Exec(t, first, "CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)")
		second := URL(t)
		if got := QueryString(t, second, "SELECT count(*) FROM pg_class WHERE relname = 't'"); got != "0" {
			t.Error("the two share a table")
		}
		if portKey(first) != portKey(second) {
			t.Error("they are not on one server")
		}
	})
	t.Run("dropped", func(t *testing.T) {
		u, err := url.Parse(first)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(u.Path, "/")
		if got := QueryStrings(t, URL(t), "SELECT datname FROM pg_database WHERE datname = '"+name+"'"); len(got) > 0 {
			t.Error(got)
		}
	})
}

func TestDatabaseName(t *testing.T) {
	for test, want := range map[string]string{
		"TestUp/Two words, ä":   "t7_testup_two_words___",
		strings.Repeat("x", 80): "t7_" + strings.Repeat("x", 60),
	} {
		if got := databaseName(test, 7); got != want {
			t.Errorf("%s: got %s, want %s", test, got, want)
		}
	}
}

func TestServerIsTheTestsOwn(t *testing.T) {
	t.Parallel()
	s := Server(t)
	if portKey(s.URL("")) == portKey(URL(t)) {
		t.Error("it is the shared one")
	}
	Exec(t, Database(t, s.URL("")), "SELECT 1")
	if err := s.Kill9(); err != nil {
		t.Fatal(err)
	}
	if err := s.StartAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	Exec(t, s.URL(""), "SELECT 1")
}

func TestQueryStrings(t *testing.T) {
	got := QueryStrings(t, URL(t), "VALUES (1, true, NULL, 'a b'), (2, false, '2020-01-01', '')")
	if want := "1|true||a b,2|false|2020-01-01|"; strings.Join(got, ",") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDump(t *testing.T) {
	a, b := URL(t), URL(t)
	Exec(t, a, `CREATE SCHEMA rung; CREATE TABLE rung.migrations (version int); CREATE SCHEMA ours;
		CREATE TABLE t (n int, s text); INSERT INTO t VALUES (1, 'x'), (2, E'y\nz')`)
	Exec(t, b, `CREATE TABLE t (n int, s text); INSERT INTO t VALUES (2, E'y\nz'), (1, 'x'); CREATE SCHEMA ours`)

	if Dump(t, a) != Dump(t, b) {
		t.Errorf("two equal databases differ:\n%s\n%s", Dump(t, a), Dump(t, b))
	}
	if dumpIsOlder(sharedServer(t)) {
		t.Log("not dumped without another schema than rung: pg_dump is older than the server")
	} else if dump := Dump(t, a, "ours"); !strings.Contains(dump, "rung.migrations") || strings.Contains(dump, "ours") {
		t.Errorf("excluded the wrong schema:\n%s", dump)
	}
	Exec(t, b, "UPDATE t SET s = NULL WHERE n = 1")
	if Dump(t, a) == Dump(t, b) {
		t.Error("different data, same dump")
	}
}
