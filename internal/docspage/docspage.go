// Package docspage runs the commands of a page of the docs, for tests.
package docspage

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"rung/internal/sandbox"
)

// Page is where the commands of a page run. It is read from its top. A fence of the
// language console holds commands behind "$ ", their further lines behind "> ", and
// what they print; a fence of another language below a comment <!-- file NAME --> is
// that file; a comment that begins with "<!-- run" holds commands that no reader sees.
type Page struct {
	// Dir is made; Address is an empty database.
	Dir, Address string
	// Path is PATH, and Env what the environment has besides.
	Path string
	Env  []string
}

// Test runs the page in file and compares what is printed with what it shows; what
// differs from run to run, as times, may differ. With update the page gets it.
func (p *Page) Test(t *testing.T, file string, update bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	is := p.run(t, string(text))
	if update {
		if err := os.WriteFile(file, []byte(is), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if was := p.normal(string(text)); was != p.normal(is) {
		t.Errorf("%s differs; the test with -update writes what is printed now\n%s", file, udiff.Unified("expected", "got", was, p.normal(is)))
	}
}

var fence = regexp.MustCompile("(?ms)(?:^<!-- file (\\S+) -->\n\n?)?^```(\\w+)\n(.*?)^```\n|^<!-- run\n(.*?)^-->\n")

// run is the page with what its commands print.
func (p *Page) run(t *testing.T, text string) string {
	return fence.ReplaceAllStringFunc(text, func(m string) string {
		parts := fence.FindStringSubmatch(m)
		name, language, body, hidden := parts[1], parts[2], parts[3], parts[4]
		switch {
		case hidden != "":
			if printed, failed := p.ran(t, "set -e\n"+hidden); failed {
				t.Errorf("%s\n%s", hidden, printed)
			}
		case name != "":
			path := filepath.Join(p.Dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(body), 0o644)); err != nil {
				t.Fatal(err)
			}
		case language == "console":
			return strings.TrimSuffix(m, body+"```\n") + p.console(t, body) + "```\n"
		}
		return m
	})
}

func (p *Page) console(t *testing.T, body string) string {
	var out strings.Builder
	command := ""
	flush := func() {
		if command != "" {
			out.WriteString(p.shown(t, command))
			command = ""
		}
	}
	for line := range strings.Lines(body) {
		first := strings.HasPrefix(line, "$ ")
		if !first && !strings.HasPrefix(line, "> ") {
			continue // what came out last time
		}
		if first {
			flush()
			if out.Len() > 0 {
				out.WriteString("\n")
			}
		}
		command += line[2:]
		out.WriteString(line)
	}
	flush()
	return out.String()
}

// shown is what a command prints, on both streams, with the address that a reader
// would have.
func (p *Page) shown(t *testing.T, command string) string {
	printed, _ := p.ran(t, command)
	u, err := url.Parse(p.Address)
	if err != nil {
		t.Fatal(err)
	}
	printed = progressLines.ReplaceAllString(printed, "")
	return strings.ReplaceAll(strings.ReplaceAll(printed, u.Host+u.Path, "localhost:5432/app"), p.Dir+"/", "")
}

// ran is what a command prints, and whether its exit status is not 0.
func (p *Page) ran(t *testing.T, command string) (printed string, failed bool) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var b bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = p.Dir, &b, &b, 10*time.Second
	cmd.Env = append([]string{"DATABASE_URL=" + p.Address, "PATH=" + p.Path, "HOME=" + p.Dir, "XDG_CACHE_HOME=" + Cache(), "RUNG_KEEP_SANDBOX=empty", "TZ=UTC", "LC_ALL=C.UTF-8"}, p.Env...)
	if dir := os.Getenv(sandbox.BinDirEnv); dir != "" { // the throwaway servers are of the major under test
		cmd.Env = append(cmd.Env, sandbox.BinDirEnv+"="+dir)
	}
	var exit *exec.ExitError
	if err := cmd.Run(); ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", command, err)
	}
	return b.String(), exit != nil
}

// Cache is the cache directory of who runs the tests: the throwaway servers begin as
// copies of the empty one that is kept there.
func Cache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return dir
}

// progressLines come every ten seconds, from a command that takes as long.
var progressLines = regexp.MustCompile(`(?m)^verified \d+ of \d+ versions\n`)

var (
	hash         = regexp.MustCompile(`plan hash [0-9a-f]+`)
	runsOfBlanks = regexp.MustCompile(` {2,}`)
)

// normal is a page without what differs from run to run: times, and the columns
// that are as wide as they are.
func (p *Page) normal(text string) string {
	text = hash.ReplaceAllString(Normal(text, p.Dir, p.Address), "plan hash HASH")
	return runsOfBlanks.ReplaceAllString(text, "  ")
}

// flushRight is a duration in a column, whose width stays as it is.
var flushRight = regexp.MustCompile(` {2,}\d+(\.\d+)? (ms|s)\b`)

var normalise = []struct {
	what *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( [+-]\d\d:?\d\d| UTC)?`), "YYYY-MM-DD hh:mm:ss Z"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`), "TIME"},
	{regexp.MustCompile(`since \d\d:\d\d:\d\d`), "since CLOCK"},
	{regexp.MustCompile(`\b\d+(\.\d+)? (ms|s)\b`), "N ms"},
	{regexp.MustCompile(`, running sql/000003_users_domain_fill.up.sql for [\dhms]+`), ""}, // between two of its batches nothing runs
	{regexp.MustCompile(`(, running \S+ for) [\dhms]+`), "$1 TIME"},
	// How far a backfill of so many rows is that it is seen in the middle.
	{regexp.MustCompile(`[\d,]+ of about \d{3},\d{3} rows \(\d+ %\)`), "N of about N rows (P %)"},
	{regexp.MustCompile(`[\d,]+ rows/s, [\dhms]+ left`), "N rows/s, TIME left"},
	{regexp.MustCompile(`\d+ batches of step`), "N batches of step"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`on PostgreSQL \d+\.\d+`), "on PostgreSQL N"},
	{regexp.MustCompile(`pid(":)? \d+`), "pid$1 PID"},
	{regexp.MustCompile(`("\w+_ms": ?)[\d.]+`), "${1}N"},
	{regexp.MustCompile(`("bytes": ?)\d+`), "${1}N"},
	{regexp.MustCompile(`("run": ?)"[0-9a-f]{12}"`), `$1"RUN"`},
	{regexp.MustCompile(`(?m)^run [0-9a-f]{12}:`), "run RUN:"},
	{regexp.MustCompile(`("rung_version": ?)"[^"]*"`), `$1"VERSION"`},
	{regexp.MustCompile(`("os_user": ?)"[^"]*"`), `$1"alice"`},
	{regexp.MustCompile(`("host": ?)"[^"]*"`), `$1"build-7"`},
	{regexp.MustCompile(`("job": ?)"[^"]*"`), `$1""`},
}

// Normal replaces what differs from run to run, among it the directory and the
// database of the run.
func Normal(text, dir, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // it is pgtest's own
	}
	text = strings.ReplaceAll(text, dir, "WORK")
	text = strings.ReplaceAll(text, strings.TrimPrefix(u.Path, "/"), "DB")
	text = flushRight.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)-4) + "N ms" })
	for _, n := range normalise {
		text = n.what.ReplaceAllString(text, n.to)
	}
	return text
}
