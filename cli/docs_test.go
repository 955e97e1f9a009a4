package cli

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rung/adopt"
	"rung/adopt/importer"
	"rung/internal/docspage"
	"rung/internal/othertool"
	"rung/internal/pgtest"
)

// The pages with commands show what they print. Those of docs/from need other tools:
// internal/realtools runs them.
func TestDocsPages(t *testing.T) {
	t.Parallel()
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
				p := docspage.Page{Dir: filepath.Join(t.TempDir(), "work"), Address: pgtest.URL(t), Path: programs + ":" + os.Getenv("PATH")}
				p.Test(t, page, *update)
			})
		}
	})
	if ran == 0 {
		t.Error("no page has a fence of commands")
	}
}

var (
	mdLink   = regexp.MustCompile(`\]\(([^)#:\s]*)(?:#([^)]*))?\)`)
	mdFence  = regexp.MustCompile("(?ms)^ *```.*?^ *```$|^<!-- .*?-->$")
	mdCode   = regexp.MustCompile("`[^`\n]+`")
	mdTitle  = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notInIDs = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// A link from one page to another file of the repository leads there, and an anchor to a
// heading, as code hosts name them.
func TestDocsLinks(t *testing.T) {
	links, anchors := 0, map[string]map[string]bool{}
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/from/*.md", "../deploy/*.md", "../bench/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			text := mdCode.ReplaceAllString(mdFence.ReplaceAllString(pageText(t, page), ""), "")
			for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
				links++
				to := page
				if m[1] != "" {
					to = filepath.Join(filepath.Dir(page), m[1])
				}
				if _, err := os.Stat(to); err != nil {
					t.Errorf("%s: %v", page, err)
					continue
				}
				if m[2] == "" {
					continue
				}
				if anchors[to] == nil {
					anchors[to] = headings(pageText(t, to))
				}
				if !anchors[to][m[2]] {
					t.Errorf("%s: %s has no heading #%s", page, to, m[2])
				}
			}
		}
	}
	if links < 100 || len(anchors) < 5 {
		t.Errorf("%d links and %d pages with anchors found", links, len(anchors))
	}
}

// headings are the anchors of a page.
func headings(page string) map[string]bool {
	all := map[string]bool{}
	for _, m := range mdTitle.FindAllStringSubmatch(mdFence.ReplaceAllString(page, ""), -1) {
		all[strings.ReplaceAll(notInIDs.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return all
}

// The pages on other tools name those that the code takes, and how many they are.
func TestDocsTools(t *testing.T) {
	from, adopted, imported := pageText(t, "../docs/from.md"), pageText(t, "../docs/adopt.md"), pageText(t, "../docs/import.md")
	for _, table := range othertool.Tables {
		mentions(t, from, table.Tool)
		mentions(t, adopted, table.Tool)
	}
	for _, tool := range importer.Tools() {
		mentions(t, strings.ToLower(from), tool)
		mentions(t, imported, "\n| "+tool+" |")
	}
	counts := map[int]string{14: "fourteen", 20: "twenty"}
	mentions(t, pageText(t, "../README.md"), "the files of "+counts[len(importer.Tools())]+" tools", "the history of "+counts[len(adopt.Tools())]+" tools")
}

func pageText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The program of the page on the library does what the page says.
func TestDocsProgram(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(pageText(t, "../docs/library.md"), "```go\n")
	program, _, _ := strings.Cut(text, "```\n")
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": program, "sql/1_users.up.sql": "CREATE TABLE users (id bigint);"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "app"), filepath.Join(dir, "main.go"))
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	u, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	app := exec.CommandContext(t.Context(), filepath.Join(dir, "app"))
	app.Env = append(os.Environ(), "PGHOST="+u.Hostname(), "PGPORT="+u.Port(), "PGDATABASE="+strings.TrimPrefix(u.Path, "/"), "PGUSER="+u.User.Username(), "PGSSLMODE=disable")
	if out, err := app.CombinedOutput(); err != nil || !strings.Contains(string(out), "applied 1_users\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
