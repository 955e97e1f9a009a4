package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rung/internal/docspage"
	"rung/internal/pgtest"
)

// The pages with commands show what they print. Those of docs/from need other tools:
// internal/realtools runs them.
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
				p := docspage.Page{Dir: filepath.Join(t.TempDir(), "work"), Address: pgtest.URL(t), Path: programs + ":" + os.Getenv("PATH")}
				p.Test(t, page, *update)
			})
		}
	})
	if ran == 0 {
		t.Error("no page has a fence of commands")
	}
}

var mdLink = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)

// A link from one page to another file of the repository leads there.
func TestDocsLinks(t *testing.T) {
	links := 0
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/from/*.md", "../deploy/*.md", "../bench/*.md"} {
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
