package wording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const operations = root + "/docs/operations.md"

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	// given are the parts of a message that differ from case to case: as the page
	// writes them, and as the code does.
	given = regexp.MustCompile(`…|\b[A-Z]{3,}\b|\b\d+ (of \d+ )?[a-z]+s of\b|\b\d+ of \d+ targets\b|\b\d+[a-z]{0,2}\b|\((55P03|40P01)\)|\((rung|SQLSTATE)\)|\b(batches|goose|problems|fatal error)\b|[:,;] |\bpid\b`)
	verbs = regexp.MustCompile(`%[-+#0-9.]*[a-z]`)
)

// TestOperations holds the page for the night to the code: a message that it quotes
// is there, and a refusal of a run that the code can make is on the page.
func TestOperations(t *testing.T) {
	page, err := os.ReadFile(operations)
	if err != nil {
		t.Fatal(err)
	}
	code := messages(t)
	var phrases []string
	for line := range strings.Lines(string(page)) {
		for _, m := range quoted.FindAllStringSubmatch(symptom(line), -1) {
			for _, piece := range given.Split(m[1], -1) {
				if piece = strings.Trim(piece, " :;,.()"); len(strings.Fields(piece)) < 2 {
					continue
				}
				phrases = append(phrases, piece)
				if !slices.ContainsFunc(code, func(s string) bool { return strings.Contains(s, piece) }) {
					t.Errorf("operations.md quotes %q, which no message says", piece)
				}
			}
		}
	}
	if len(phrases) < 50 {
		t.Errorf("%d phrases are quoted", len(phrases))
	}
	for _, s := range refusals(t) {
		quotes := func(phrase string) bool { return strings.Contains(s, phrase) }
		if !slices.ContainsFunc(phrases, quotes) && !slices.ContainsFunc(byDay, quotes) {
			t.Errorf("operations.md does not have %q", s)
		}
	}
}

// byDay are refusals of what somebody has just typed or written, who sees the cause.
var byDay = []string{
	"a backfill needs at least", "the target of a batch", "the pause between batches", // rung tune
	"is longer than PostgreSQL's 63 bytes", "cannot have versions of its own",
	"has no background backfill", "is not registered yet", "a script is for a database",
	"has no up file to apply it again", "has no down file, and", // each with its hint
	"names schema", "says how its own is to run",
	"citus.propagate_set_commands", "runs batches on Citus", // each with its hint
	"does not exist at this step", "has no column", // a batch that was never tried
	"are compared by operators of two schemas", "the search_path lacks the operators", "is compared by other operators",
	"a way that rung cannot record",
}

// symptom is that cell of a table's row, or "": rows of errors begin with a number.
func symptom(line string) string {
	cells := strings.Split(line, "|")
	switch {
	case len(cells) < 5:
		return ""
	case strings.Trim(cells[1], " 0123456789,") == "":
		return cells[2]
	case strings.HasPrefix(cells[1], " `") && len(cells) == 5:
		return cells[1]
	}
	return ""
}

// messages are the string literals of the code.
func messages(t *testing.T) (all []string) {
	visit(t, ".", func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && strings.Contains(s, " ") {
				all = append(all, verbs.Split(s, -1)...)
			}
		}
		return true
	})
	return all
}

// refusals are the texts of what stops a run before its next statement: problems of
// a batch, refusals and findings.
func refusals(t *testing.T) (all []string) {
	visit(t, "runner", func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		if key, ok := kv.Key.(*ast.Ident); !ok || key.Name != "Reason" && key.Name != "What" {
			return true
		}
		text := ""
		ast.Inspect(kv.Value, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil {
					text += s
				}
			}
			return true
		})
		if strings.Contains(text, " ") {
			all = append(all, text)
		}
		return true
	})
	if len(all) < 30 {
		t.Errorf("%d refusals found", len(all))
	}
	return all
}

// visit reads the Go files of a directory and of those below it, but for what is wrong in
// files: that is reported by place, before anything runs.
func visit(t *testing.T, dir string, f func(ast.Node) bool) {
	err := fs.WalkDir(os.DirFS(root), dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && (skipped(name) || dir == "runner" && name == "runner/internal/files"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path.Join(root, name), nil, parser.SkipObjectResolution)
		if err == nil {
			ast.Inspect(file, f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
