package runner

import (
	"context"
	"database/sql"
	"flag"
	"io/fs"
	"maps"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
)

// The helpers of this package's tests. A test writes its migrations as a map
// of file names and SQL, and runs them on a database of its own:
//
//	up(t, url, files{"1_a.up.sql": "CREATE TABLE a ()"})

func TestMain(m *testing.M) {
	pgtest.Main(m)
	if builtRung.dir != "" {
		_ = os.RemoveAll(builtRung.dir)
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// files is a directory in memory.
type pairs map[string]string

func (f pairs) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// with is a directory with more files, or other texts.
func (f pairs) with(more pairs) pairs {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// without is a directory that lacks some files.
func (f pairs) without(names ...string) pairs {
	fewer := maps.Clone(f)
	for _, name := range names {
		delete(fewer, name)
	}
	return fewer
}

// write puts the files on disk, for programs that read them there.
func (f pairs) write(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range f {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load is Load under the label "sql", and must find nothing wrong.
func load(t testing.TB, f pairs) *Directory {
	t.Helper()
	d := loadBad(t, f)
	must(t, d.Bad())
	return d
}

// loadBad is load for files with problems.
func loadBad(t testing.TB, f pairs) *Directory {
	t.Helper()
	d, err := Load(f.fs(), "sql")
	must(t, err)
	return d
}

// testRunner is a Runner on a database. Its version is "test", and it waits
// for nothing longer than a test should.
func testRunner(t testing.TB, url string, d *Directory, change ...func(*Config)) *Runner {
	t.Helper()
	conn, err := pq.NewConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Conn: conn, Dir: d, Version: "test", LockWait: 30 * time.Second}
	for _, c := range change {
		c(&cfg)
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// up applies all files, and must succeed.
func up(t testing.TB, url string, f pairs, change ...func(*Config)) *Report {
	t.Helper()
	rep, err := testRunner(t, url, load(t, f), change...).Up(testContext(t), UpRequest{})
	if err != nil {
		t.Fatalf("up: %v", err)
	}
	return rep
}

// upFails applies the files, and must not get through.
func upFails(t testing.TB, url string, f pairs, change ...func(*Config)) (*Report, error) {
	t.Helper()
	rep, err := testRunner(t, url, load(t, f), change...).Up(testContext(t), UpRequest{})
	if err == nil {
		t.Fatal("up succeeded")
	}
	return rep, err
}

// down reverts what req says, and must succeed.
func down(t testing.TB, url string, f pairs, req Request, change ...func(*Config)) *Report {
	t.Helper()
	rep, err := testRunner(t, url, load(t, f), change...).Down(testContext(t), req)
	if err != nil {
		t.Fatalf("down: %v", err)
	}
	return rep
}

// testContext ends what hangs.
func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// version is a Version that the test knows to be good.
func version(s string) *Version {
	v, err := ParseVersion(s)
	if err != nil {
		panic(err)
	}
	return &v
}

// pgtestTry runs SQL that may fail.
func pgtestTry(t testing.TB, url, statements string) error {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(statements)
	return err
}

// begin opens a transaction, and done rolls it back.
func begin(t testing.TB, url string) (tx *sql.Tx, done func()) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	tx, err = db.Begin()
	must(t, err)
	return tx, func() { _ = tx.Rollback(); _ = db.Close() }
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
