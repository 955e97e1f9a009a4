package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rung/internal/docspage"
	"rung/internal/pgtest"
)

// A test of the command line is a directory of testdata. Its files are copied
// to an empty directory, and there its script is run, a transcript:
//
//	# a comment
//	$ a command, for sh
//	> and its further lines
//	  what it wrote to stdout
//	! what it wrote to stderr
//	? its exit status, where that is not 0
//
// Each has a database of its own in DATABASE_URL; SERVER is the same without
// "postgres://postgres@". Among the commands are rung and sql, which runs SQL
// over DATABASE_URL. What differs from run to run is normalised. With -update
// the script is written anew.
var update = flag.Bool("update", false, "write the transcripts in testdata as they come out")

func TestScripts(t *testing.T) {
	t.Parallel()
	programs := programs(t)
	scripts, err := filepath.Glob("testdata/*/script")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	// The subtests run when this function has returned, and need programs until then.
	t.Run("", func(t *testing.T) {
		for _, path := range scripts {
			t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
				t.Parallel()
				runScript(t, path, programs)
			})
		}
	})
}

// programs is a directory with rung and sql, for PATH.
func programs(t *testing.T) string {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rung", "sql"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// alone are the scripts that have a server of their own: what they look at is all of
// it, the roles and the databases of the other tests too.
var alone = map[string]bool{"review": true, "verify": true}

func runScript(t *testing.T, path, programs string) {
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &scriptRun{dir: filepath.Join(t.TempDir(), "work"), address: pgtest.URL(t), programs: programs}
	if alone[filepath.Base(filepath.Dir(path))] {
		s.address = pgtest.Database(t, pgtest.Server(t).URL(""))
	}
	if err := os.CopyFS(s.dir, os.DirFS(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, "script")); err != nil {
		t.Fatal(err)
	}
	is := s.transcript(t, string(was))
	switch {
	case is == string(was):
	case *update:
		if err := os.WriteFile(path, []byte(is), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s differs; go test ./cli -run %s -update writes it anew\n%s", path, t.Name(), diff(string(was), is))
	}
}

type scriptRun struct{ dir, address, programs string }

// transcript runs the commands of a script and writes it as it comes out.
func (s *scriptRun) transcript(t *testing.T, script string) string {
	var out strings.Builder
	last, command := "", ""
	flush := func() {
		if command != "" {
			out.WriteString(s.run(t, command))
			command = ""
		}
	}
	for line := range strings.Lines(script) {
		kind := line[:1]
		if kind != "#" && kind != "$" && kind != ">" {
			continue // what came out last time
		}
		if kind != ">" {
			flush()
			if last != "" && (last != "#") {
				out.WriteString("\n")
			}
		}
		if kind != "#" {
			command += strings.TrimPrefix(line[1:], " ")
		}
		out.WriteString(line)
		last = kind
	}
	flush()
	return out.String()
}

// run runs one command and returns what it printed, stdout first.
func (s *scriptRun) run(t *testing.T, command string) string {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = s.dir, &stdout, &stderr, 10*time.Second
	cmd.Env = []string{
		"DATABASE_URL=" + s.address, "SERVER=" + strings.TrimPrefix(s.address, "postgres://postgres@"),
		"PATH=" + s.programs + ":" + os.Getenv("PATH"), "HOME=" + s.dir, "RUNG_KEEP_SANDBOX=empty", "XDG_CACHE_HOME=" + docspage.Cache(), "TZ=UTC", "LC_ALL=C.UTF-8",
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", command, err)
	}
	text := prefixed("  ", s.normal(stdout.String())) + prefixed("! ", s.normal(stderr.String()))
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		text += fmt.Sprintf("? %d\n", code)
	}
	return text
}

func prefixed(prefix, text string) (out string) {
	for line := range strings.Lines(text) {
		out += strings.TrimRight(prefix+line, " \n") + "\n"
	}
	return out
}

// normal replaces what differs from run to run.
func (s *scriptRun) normal(text string) string { return docspage.Normal(text, s.dir, s.address) }
