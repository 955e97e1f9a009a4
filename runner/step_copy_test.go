package runner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/internal/script"
	"rung/runner/internal/exec"
)

// bigFile is a file that is made while it is read: a COPY block of many lines.
type bigFile struct {
	head, line, tail string
	lines            int
}

func (b bigFile) Open(name string) (fs.File, error) {
	if name == "." {
		return pairs{"1_big.up.sql": ""}.fs().Open(".")
	}
	return &bigReader{r: io.MultiReader(strings.NewReader(b.head), &repeat{line: b.line, left: b.lines}, strings.NewReader(b.tail))}, nil
}

func (b bigFile) ReadDir(string) ([]fs.DirEntry, error) {
	return fs.ReadDir(pairs{"1_big.up.sql": ""}.fs(), ".")
}

type bigReader struct {
	fs.File
	r io.Reader
}

func (b *bigReader) Read(p []byte) (int, error) { return b.r.Read(p) }

func (b *bigReader) Close() error { return nil }

type repeat struct {
	line string
	left int
	at   int
}

func (r *repeat) Read(p []byte) (n int, err error) {
	for n < len(p) && r.left > 0 {
		m := copy(p[n:], r.line[r.at:])
		n, r.at = n+m, r.at+m
		if r.at == len(r.line) {
			r.left, r.at = r.left-1, 0
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// A COPY block of any size costs no memory to speak of.
func TestCopyStreams(t *testing.T) {
	url := pgtest.URL(t)
	big := bigFile{head: "CREATE UNLOGGED TABLE big (a text);\nCOPY big FROM stdin;\n", line: strings.Repeat("x", 4999) + "\n", lines: 20_000, tail: "\\.\nALTER TABLE big ADD n int;\n"}
	peak, stop := peakHeap()
	d, err := Load(big, "sql")
	must(t, err)
	if n := d.Migrations[0].Up.Size; n < 100_000_000 {
		t.Errorf("only %d bytes", n)
	}
	_, err = testRunner(t, url, d).Up(testContext(t), UpRequest{})
	must(t, err)
	stop()
	if mb := peak() >> 20; mb > 24 {
		t.Errorf("%d MB of heap for a block of 100 MB", mb)
	}
	if n := pgtest.QueryString(t, url, "SELECT count(*) || ' ' || sum(length(a)) FROM big WHERE n IS NULL"); n != "20000 99980000" {
		t.Error(n)
	}
	if n := pgtest.QueryString(t, url, "SELECT up_sql IS NULL FROM rung.migrations"); n != "true" {
		t.Error("the history keeps 100 MB")
	}
}

// peakHeap watches how much memory is in use beyond what is now.
func peakHeap() (peak func() uint64, stop func()) {
	var most atomic.Uint64
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	runtime.GC()
	before := inUse()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				most.Store(max(most.Load(), inUse()))
			}
		}
	}()
	return func() uint64 { return max(most.Load(), before) - before }, func() { close(done); <-ended }
}

// A transaction that waits for its next message ends when the machine that would
// send it is gone, and not only after the two hours that are usual.
func TestServerLooksAfterAnOpenTransaction(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	const look = "CREATE TABLE %s AS SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_keepalives%%' ORDER BY name;\n"
	f := pairs{"1_a.up.sql": "CREATE TABLE t (id int PRIMARY KEY);\nCOPY t FROM STDIN;\n1\n\\.\n" + fmt.Sprintf(look, "in_copy")}
	up(t, url, f)
	is(t, url, "SELECT string_agg(setting, ' ') FROM in_copy", "3 30 10")
	b := pairs{"4_d.up.sql": "-- rung:batch key=t.id\nINSERT INTO in_batch SELECT name, setting FROM t, pg_settings WHERE id BETWEEN $1 AND $2 AND name LIKE 'tcp_keepalives%' ORDER BY name;\n"}
	more := pairs{"2_b.up.sql": "SELECT 1;\n", "3_c.up.sql": fmt.Sprintf(look, "together")}.with(f)
	if _, err := testRunner(t, url, load(t, more)).Up(testContext(t), UpRequest{Together: true}); err != nil {
		t.Fatal(err)
	}
	is(t, url, "SELECT string_agg(setting, ' ') FROM together", "3 30 10")
	pgtest.Exec(t, url, "CREATE TABLE in_batch (name text, setting text)")
	up(t, url, b.with(more))
	is(t, url, "SELECT string_agg(setting, ' ') FROM in_batch", "3 30 10")
}

func TestCopyOfLongLines(t *testing.T) {
	url := pgtest.URL(t)
	var f pairs
	var want []string
	text := "CREATE TABLE long (n serial, a text);\nCOPY long (a) FROM stdin;\n"
	for _, size := range []int{0, 1, exec.CopyChunk - 2, exec.CopyChunk - 1, exec.CopyChunk, exec.CopyChunk + 1, 2*exec.CopyChunk - 1, 2 * exec.CopyChunk, 3_000_000, 5} {
		text += strings.Repeat("é", size/2) + strings.Repeat("x", size%2) + "\n"
		want = append(want, fmt.Sprint(size))
	}
	f = pairs{"1_a.up.sql": text + "\\.\n"}
	up(t, url, f)
	got := pgtest.QueryStrings(t, url, "SELECT octet_length(a) FROM long ORDER BY n")
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, want %v", got, want)
	}
}

// changing is a directory whose only file changes once it has been planned.
type changing struct {
	before, after string
	planned       *atomic.Bool
}

func (c changing) Open(name string) (fs.File, error) {
	text := c.before
	if c.planned.Load() {
		text = c.after
	}
	return pairs{"1_a.up.sql": text}.fs().Open(name)
}

// What was planned is what runs, or nothing.
func TestChangedBetweenPlanAndRun(t *testing.T) {
	const block = "CREATE TABLE a (id int);\nCOPY a FROM stdin;\n1\n2\n\\.\nSELECT 1;\n"
	long := "-- " + strings.Repeat("long ", 300_000) + "\n" // so that the history keeps no copy, and needs not read it
	for name, c := range map[string]struct{ before, after string }{
		"another row":            {block, strings.Replace(block, "2", "3", 1)},
		"a row more":             {block, strings.Replace(block, "2\n", "2\n3\n", 1)},
		"a row less":             {block, strings.Replace(block, "2\n", "", 1)},
		"another statement":      {block, strings.Replace(block, "SELECT 1", "SELECT 2", 1)},
		"emptied":                {block, ""},
		"another row in a big":   {long + block, long + strings.Replace(block, "2", "3", 1)},
		"a row more in a big":    {long + block, long + strings.Replace(block, "2\n", "2\n3\n", 1)},
		"a row less in a big":    {long + block, long + strings.Replace(block, "2\n", "", 1)},
		"a big one cut off":      {long + block, (long + block)[:len(long)+50]},
		"a big one cut in half":  {long + block, long[:1000]},
		"a big one that is gone": {long + block, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			fsys := changing{c.before, c.after, new(atomic.Bool)}
			d, err := Load(fsys, "sql")
			must(t, err)
			fsys.planned.Store(true)
			var events []Event
			_, err = testRunner(t, url, d, func(c *Config) { c.Events = func(e Event) { events = append(events, e) } }).Up(testContext(t), UpRequest{})
			var changed *ChangedError
			if !errors.As(err, &changed) || changed.File != "sql/1_a.up.sql" {
				t.Errorf("%T: %v", err, err)
			}
			if strings.Contains(c.before, long) && !errors.Is(err, script.ErrChanged) {
				t.Errorf("%v", err)
			}
			for _, e := range events {
				if _, ok := e.(Settling); ok {
					t.Error("it looks for a lost connection")
				}
			}
			if n := pgtest.QueryString(t, url, "SELECT (SELECT count(*) FROM rung.migrations) + (SELECT count(*) FROM pg_class WHERE relname = 'a')"); n != "0" {
				t.Error("something was applied")
			}
		})
	}
}

// A file without COPY data is read once: what was planned is what runs and is
// recorded, whatever becomes of the file.
func TestSmallFileIsReadOnce(t *testing.T) {
	url := pgtest.URL(t)
	fsys := changing{"CREATE TABLE a ();", "CREATE TABLE b (); -- another", new(atomic.Bool)}
	d, err := Load(fsys, "sql")
	must(t, err)
	fsys.planned.Store(true)
	_, err = testRunner(t, url, d).Up(testContext(t), UpRequest{})
	must(t, err)
	if got := pgtest.QueryString(t, url, "SELECT up_sql || to_regclass('a') FROM rung.migrations"); got != fsys.before+"a" {
		t.Errorf("ran and recorded %s", got)
	}
}
