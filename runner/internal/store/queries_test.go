package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// query is how one of rung's own queries begins. What is shorter in Go is BEGIN, SET and
// the like, which stand around one.
var query = regexp.MustCompile(`(?s)^\s*(SELECT|WITH|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|CREATE SCHEMA|ALTER TABLE)\b.*(\bFROM\b|\bSET\b|pg_catalog\.|\()`)

// The runner's own queries stand in sql/, where a DBA finds them. Package pgconn is below
// this one, and has its own.
func TestQueriesAreInFiles(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	read := 0
	err := fs.WalkDir(root, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/pgconn/") {
			return err
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		read++
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if kv, ok := n.(*ast.KeyValueExpr); ok && isMessage(kv.Key) {
				return false
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, _ := strconv.Unquote(lit.Value); query.MatchString(s) {
					t.Errorf("runner/%s: %s belongs into runner/internal/store/sql", files.Position(lit.Pos()), lit.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 100 {
		t.Errorf("only %d files were read", read)
	}
}

// isMessage reports whether a field is for a person, who may be told to run a query.
func isMessage(key ast.Expr) bool {
	id, ok := key.(*ast.Ident)
	return ok && (id.Name == "Hint" || id.Name == "Fix" || id.Name == "What" || id.Name == "Reason")
}
