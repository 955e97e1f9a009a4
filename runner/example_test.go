package runner_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

//go:embed testdata/library
var migrations embed.FS

// library are the migrations of these examples, as a program carries them.
func library() fs.FS {
	dir, err := fs.Sub(migrations, "testdata/library")
	if err != nil {
		panic(err)
	}
	return dir
}

// A program that carries its migrations applies them when it starts. Any
// number of its replicas may do so at once: one works, the others wait.
func Example() {
	url, drop := pgtest.ForExample()
	defer drop()

	r, err := runner.New(runner.Config{URL: url, Files: library()})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := r.Up(context.Background(), runner.UpRequest{})
	for _, done := range report.Done {
		fmt.Println("applied", done.Title)
	}
	var failed *runner.StatementError
	if errors.As(err, &failed) {
		fmt.Println(failed, failed.Standing)
	}
	// Output:
	// applied 000001_create_users
	// applied 000002_index_users
}

// What waits, without a lock and without a write.
func ExampleRunner_Pending() {
	url, drop := pgtest.ForExample()
	defer drop()

	r, err := runner.New(runner.Config{URL: url, Files: library()})
	if err != nil {
		fmt.Println(err)
		return
	}
	pending, err := r.Pending(context.Background())
	if err != nil {
		fmt.Println(err)
	}
	for _, a := range pending {
		fmt.Println(a.Script.Path, a.Script.Mode())
	}
	// Output:
	// migrations/000001_create_users.up.sql transactional
	// migrations/000002_index_users.up.sql stepwise
}

// A statement that fails says where it is and which changes were applied.
func ExampleStatementError() {
	url, drop := pgtest.ForExample()
	defer drop()

	r, err := runner.New(runner.Config{URL: url, Files: fstest.MapFS{
		"1_users.up.sql": {Data: []byte("CREATE TABLE users (id bigint);\n")},
		"2_email.up.sql": {Data: []byte("CREATE INDEX ON users (email);\n")},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = r.Up(context.Background(), runner.UpRequest{})
	var failed *runner.StatementError
	if errors.As(err, &failed) {
		fmt.Println(failed)
		fmt.Println(failed.Source)
		fmt.Println(failed.Standing)
	}
	// Output:
	// migrations/2_email.up.sql:1:1: column "email" does not exist (42703)
	// CREATE INDEX ON users (email);
	// no changes from 2_email were applied; 1 migration before it was applied
}

// The events of a run, in a log of the standard library.
func ExampleLog() {
	url, drop := pgtest.ForExample()
	defer drop()

	only := map[string]bool{"started": true, "step done": true, "finished": true}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "data" { // which are other ones at each run
				return slog.Attr{}
			}
			return a
		},
	}))
	r, err := runner.New(runner.Config{URL: url, Files: library(), Events: runner.Log(log, func(e runner.Event) (runner.Line, bool) {
		l := runner.LineOf(e)
		return l, only[l.Message]
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := r.Up(context.Background(), runner.UpRequest{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// level=INFO msg=started event=started
	// level=INFO msg=finished event=finished
	// level=INFO msg=started event=started
	// level=DEBUG msg="step done" event=step-done
	// level=INFO msg=finished event=finished
}

// A directory in memory, on disk and in the binary are one and the same.
func TestAnyFS(t *testing.T) {
	t.Parallel()
	embedded := library()
	inMemory := fstest.MapFS{}
	entries, err := fs.ReadDir(embedded, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := fs.ReadFile(embedded, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		inMemory[e.Name()] = &fstest.MapFile{Data: text}
	}
	url := pgtest.URL(t)
	for name, files := range map[string]fs.FS{"embedded": embedded, "in memory": inMemory, "on disk": os.DirFS("testdata/library")} {
		r, err := runner.New(runner.Config{URL: url, Files: files})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Up(t.Context(), runner.UpRequest{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := pgtest.QueryString(t, url, "SELECT count(*) FROM rung.log"); got != "2" {
		t.Errorf("%s entries in the log: the three are not the same to it", got)
	}
}

// The zero Config is safe: without a directory there is nothing to apply.
func TestZeroConfig(t *testing.T) {
	t.Parallel()
	conn, err := pq.NewConfig(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := runner.New(runner.Config{Conn: conn})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Up(t.Context(), runner.UpRequest{}); !errors.Is(err, runner.ErrEmpty) {
		t.Error(err)
	}
	if st, err := r.Status(t.Context()); err != nil || st.HistoryExists || len(st.Rows) != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	if rep, err := r.Down(t.Context(), runner.Request{}); err != nil || len(rep.Done) != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
}
