package runner_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

//go:embed testdata/library
var migrations embed.FS

// A program that carries its migrations applies them when it starts. Any
// number of its replicas may do so at once: one works, the others wait.
func Example() {
	dir, err := fs.Sub(migrations, "testdata/library")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := migrate(context.Background(), os.Getenv("EXAMPLE_DATABASE_URL"), dir); err != nil {
		fmt.Println(err)
	}
	// It prints:
	//
	//	applied 000001_create_users
	//	applied 000002_index_users
}

func migrate(ctx context.Context, url string, files fs.FS) error {
	conn, err := pq.NewConfig(url)
	if err != nil {
		return err
	}
	dir, err := runner.Load(files, "migrations")
	if err != nil {
		return err
	}
	r, err := runner.New(runner.Config{
		Conn: conn,
		Dir:  dir,
		Events: func(e runner.Event) {
			if done, ok := e.(runner.Finished); ok {
				fmt.Println("applied", done.Title)
			}
		},
	})
	if err != nil {
		return err
	}
	_, err = r.Up(ctx, runner.UpRequest{})
	var failed *runner.StatementError
	if errors.As(err, &failed) {
		return fmt.Errorf("%w\n%s", failed, failed.Standing)
	}
	return err
}

// The example runs here, where there is a database for it.
func TestExample(t *testing.T) {
	t.Setenv("EXAMPLE_DATABASE_URL", pgtest.URL(t))
	if got, want := printed(t, Example), "applied 000001_create_users\napplied 000002_index_users\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := printed(t, Example); got != "" {
		t.Errorf("a second time: %q", got)
	}
}

// printed is what a function prints.
func printed(t *testing.T, f func()) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = stdout }()
	f()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A directory in memory, on disk and in the binary are one and the same.
func TestAnyFS(t *testing.T) {
	embedded, err := fs.Sub(migrations, "testdata/library")
	if err != nil {
		t.Fatal(err)
	}
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
		printed(t, func() {
			if err := migrate(t.Context(), url, files); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	if got := pgtest.QueryString(t, url, "SELECT count(*) FROM rung.log"); got != "2" {
		t.Errorf("%s entries in the log: the three are not the same to it", got)
	}
}

// The zero Config is safe: without a directory there is nothing to apply.
func TestZeroConfig(t *testing.T) {
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
	if st, err := r.Status(t.Context()); err != nil || st.RecordExists || len(st.Rows) != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	if rep, err := r.Down(t.Context(), runner.Request{}); err != nil || len(rep.Done) != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
}
