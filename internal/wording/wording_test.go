// Package wording holds a test alone: one thing has one name in what rung says.
//
// The words are PostgreSQL's where it has one, and short ones where it has none, so
// that a person whose second language is English reads a message once. A word that
// has been dropped comes back by itself, unless something keeps it out.
package wording

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// dropped are the words that are not used, and what is said instead.
var dropped = []struct {
	words *regexp.Regexp
	say   string
}{
	{word(`mend(s|ed|ing|able)?`), "fix"},
	{word(`in the way`), "blocked by, or say what it prevents"},
	{word(`g[ai]v(e|es|ing) way`), "lock timeout, retry; yields"},
	{word(`way back`), "the down migration; cannot be reverted"},
	{word(`climb(s|ed|ing)?`), "apply"},
	{word(`(come|comes|came|coming) down`), "revert"},
	{word(`(take|takes|took|taken|taking) back`), "revert, undo"},
	{word(`the record|on record|record and directory|and its record|the form of the tables`), "the history, the history tables"},
	{word(`ledger`), "the batch log"},
	{word(`runner's lock|not had in`), "the migration lock; timed out waiting for"},
	{word(`oddit(y|ies)`), "is ignored"},
	{word(`heirs?`), "children, partitions"},
	{word(`twins?|shadow|aside`), "replacement"},
	{word(`captur(e|es|ed|ing)`), "schema snapshot; read"},
	{word(`marks?`), "progress notice"},
	{word(`wav(e|es|ed|ing) through`), "suppress"},
	{word(`(go|goes|going|went) on (with|from|behind)`), "resuming, continue"},
	{word(`nothing of \S+ (is|was) in place`), "no changes from FILE were applied"},
	{word(`got through`), "the outcome is unknown"},
	{word(`tells? whether`), "reports whether"},
	{word(`see to it`), "what to check or to do"},
	{word(`enum labels?|labels? of (an|the) enum|is no label`), "enum value"},
}

// dropsOne is all of them at once: most texts have none.
var dropsOne = func() *regexp.Regexp {
	var all []string
	for _, d := range dropped {
		all = append(all, d.words.String())
	}
	return regexp.MustCompile(strings.Join(all, "|"))
}()

func word(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)\b(` + pattern + `)\b`) }

// meant are phrases in which such a word means something else, and the names of
// psql's variables.
var meant = regexp.MustCompile(`(?i)(question|quotation|byte order|conflict) marks?|:'\w+'`)

const root = "../.."

// TestWords reads what a person reads: string literals and comments, generated SQL and
// the SQL on the history tables, the documentation, and of tests comments and names.
func TestWords(t *testing.T) {
	read := 0
	check := func(place, text string) {
		read++
		if !dropsOne.MatchString(text) {
			return
		}
		for _, d := range dropped {
			if found := d.words.FindString(meant.ReplaceAllString(text, "")); found != "" {
				t.Errorf("%s says %q; say %s", place, found, d.say)
			}
		}
	}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(name):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		switch path.Ext(name) {
		case ".go":
			return goTexts(name, check)
		case ".sql", ".md":
			return lines(name, check)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 10_000 {
		t.Errorf("only %d texts were read", read)
	}
}

// skipped are the directories that hold none of rung's own words: reports of the
// bench, and the cases of tests.
func skipped(dir string) bool {
	base := path.Base(dir)
	return base == "testdata" || dir == "bench" || dir == "bin" || base != "." && strings.HasPrefix(base, ".")
}

func lines(name string, check func(place, text string)) error {
	b, err := os.ReadFile(path.Join(root, name))
	for i, line := range strings.Split(string(b), "\n") {
		check(fmt.Sprintf("%s:%d", name, i+1), line)
	}
	return err
}

// goTexts are all comments, and the literals with a blank in them, since others are
// names; of a test, its name and not its SQL.
func goTexts(name string, check func(place, text string)) error {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	at := func(n ast.Node) string { return fmt.Sprintf("%s:%d", name, files.Position(n.Pos()).Line) }
	for _, c := range f.Comments {
		_, text, _ := strings.Cut(strings.ReplaceAll(c.Text(), "\n", " "), " ") // behind the name
		check(at(c), text)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && strings.Contains(s, " ") && !strings.HasSuffix(name, "_test.go") {
				check(at(n), s)
			}
		case *ast.CallExpr:
			if s, ok := testName(n); ok && strings.HasSuffix(name, "_test.go") {
				check(at(n), s)
			}
		}
		return true
	})
	return nil
}

// testName is what a call of Run names a test.
func testName(n *ast.CallExpr) (string, bool) {
	f, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Run" || len(n.Args) == 0 {
		return "", false
	}
	l, ok := n.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}
