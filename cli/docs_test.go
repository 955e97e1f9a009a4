package cli

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

	"rung/internal/pgtest"
	"rung/internal/sandbox"
)

// A page whose commands are run is read from its top. A fence of the language
// console holds commands behind "$ ", their further lines behind "> ", and what
// they print; a fence of sql below a comment <!-- file NAME --> is that file. What
// differs from run to run, as times, may differ. With -update the pages get what
// was printed.
func TestDocsPages(t *testing.T) {
	programs := programs(t)
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	t.Run("", func(t *testing.T) {
		for _, page := range append(pages, "../README.md") {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "```console\n") {
				continue
			}
			ran++
			t.Run(filepath.Base(page), func(t *testing.T) {
				t.Parallel()
				p := &docsPage{scriptRun{dir: filepath.Join(t.TempDir(), "work"), address: pgtest.URL(t), programs: programs}}
				if err := os.Mkdir(p.dir, 0o755); err != nil {
					t.Fatal(err)
				}
				is := p.run(t, string(text))
				if *update {
					if err := os.WriteFile(page, []byte(is), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				if was := p.normal(string(text)); was != p.normal(is) {
					t.Errorf("%s differs; go test ./cli -run %s -update writes what is printed now\n%s", page, t.Name(), diff(was, p.normal(is)))
				}
			})
		}
	})
	if ran == 0 {
		t.Error("no page has a fence of commands")
	}
}

type docsPage struct{ scriptRun }

var fence = regexp.MustCompile("(?ms)(?:^<!-- file (\\S+) -->\n\n?)?^```(console|sql)\n(.*?)^```\n")

// run is the page with what its commands print.
func (p *docsPage) run(t *testing.T, text string) string {
	return fence.ReplaceAllStringFunc(text, func(m string) string {
		parts := fence.FindStringSubmatch(m)
		name, language, body := parts[1], parts[2], parts[3]
		switch {
		case language == "console":
			return strings.TrimSuffix(m, body+"```\n") + p.console(t, body) + "```\n"
		case name != "":
			path := filepath.Join(p.dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(body), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		return m
	})
}

func (p *docsPage) console(t *testing.T, body string) string {
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
func (p *docsPage) shown(t *testing.T, command string) string {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var b bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = p.dir, &b, &b, 10*time.Second
	cmd.Env = []string{"DATABASE_URL=" + p.address, "PATH=" + p.programs + ":" + os.Getenv("PATH"), "HOME=" + p.dir, "TZ=UTC", "LC_ALL=C.UTF-8"}
	if dir := os.Getenv(sandbox.BinDirEnv); dir != "" { // the throwaway servers are of the major under test
		cmd.Env = append(cmd.Env, sandbox.BinDirEnv+"="+dir)
	}
	var exit *exec.ExitError
	if err := cmd.Run(); ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", command, err)
	}
	u, err := url.Parse(p.address)
	if err != nil {
		t.Fatal(err)
	}
	printed := progressLines.ReplaceAllString(b.String(), "")
	return strings.ReplaceAll(strings.ReplaceAll(printed, u.Host+u.Path, "localhost:5432/app"), p.dir+"/", "")
}

// progressLines come every ten seconds, from a command that takes as long.
var progressLines = regexp.MustCompile(`(?m)^verified \d+ of \d+ versions\n`)

var (
	hash         = regexp.MustCompile(`plan hash [0-9a-f]+`)
	runsOfBlanks = regexp.MustCompile(` {2,}`)
)

// normal is a page without what differs from run to run: times, and the columns
// that are as wide as they are.
func (p *docsPage) normal(text string) string {
	text = hash.ReplaceAllString(p.scriptRun.normal(text), "plan hash HASH")
	return runsOfBlanks.ReplaceAllString(text, "  ")
}

var mdLink = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)

// A link from one page to another file of the repository leads there.
func TestDocsLinks(t *testing.T) {
	links := 0
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../deploy/*.md", "../bench/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range mdLink.FindAllStringSubmatch(string(text), -1) {
				links++
				if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
					t.Errorf("%s: %v", page, err)
				}
			}
		}
	}
	if links < 20 {
		t.Errorf("%d links found", links)
	}
}
