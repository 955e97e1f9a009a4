package lazyre

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIsCompiledWhenItIsUsed(t *testing.T) {
	bad := New("(")
	defer func() {
		if recover() == nil {
			t.Error("it was used")
		}
	}()
	if New("^a(b)").FindStringSubmatch("abc")[1] != "b" {
		t.Error("ab")
	}
	bad.MatchString("")
}

// What a package's variables compile, each start of rung pays for.
func TestNoPackageCompilesAtTheStart(t *testing.T) {
	root := os.DirFS("../..")
	files := 0
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || path == "bench" || path == "scripts" || path == "internal/docspage") {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		parsed := token.NewFileSet()
		f, err := parser.ParseFile(parsed, path, text, 0)
		if err != nil {
			return err
		}
		for _, pos := range compiledAtStart(f) {
			t.Errorf("%s compiles a regular expression at the start: use lazyre", parsed.Position(pos))
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files, %v", files, err)
	}
}

// compiledAtStart are the calls of regexp.MustCompile for a package's variables.
// A function's body runs later.
func compiledAtStart(f *ast.File) (at []token.Pos) {
	for _, d := range f.Decls {
		if _, isFunction := d.(*ast.FuncDecl); isFunction {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "MustCompile" {
				at = append(at, call.Pos())
			}
			_, isFunction := n.(*ast.FuncLit)
			return !isFunction
		})
	}
	return at
}
