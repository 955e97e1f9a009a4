// Structure prints how the files of each package hang together, and fails where
// they have become one knot: a package of more than eight files has no cycle of
// more than eight, and five edges a file at most. An edge is a file that uses an identifier which another file
// of its package declares; tests do not count.
//
//	go run ./scripts/structure [PACKAGE...]
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// most is the largest cycle between files that is still read as one.
const most = 8

// mostEdges is how many other files of its package a file uses at most, on average.
const mostEdges = 5

func main() {
	patterns := os.Args[1:]
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	failed, err := run(os.Stdout, patterns)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

// run prints the table, and reports whether a package is over its limit.
func run(w io.Writer, patterns []string) (failed bool, err error) {
	all, err := list(patterns)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(w, "%-32s %5s %5s %9s %5s\n", "package", "files", "edges", "edges/file", "cycle")
	for _, p := range all.own {
		uses, err := edges(p, all.exports)
		if err != nil {
			return false, err
		}
		n := 0
		for _, to := range uses {
			n += len(to)
		}
		knot := largestCycle(uses)
		average := float64(n) / float64(len(p.GoFiles))
		note := ""
		if len(knot) > most {
			note += fmt.Sprintf("  more than %d: %s", most, strings.Join(knot, " "))
		}
		if len(p.GoFiles) > most && average > mostEdges {
			note += fmt.Sprintf("  more than %d edges a file", mostEdges)
		}
		failed = failed || note != ""
		fmt.Fprintf(w, "%-32s %5d %5d %9.1f %5d%s\n", p.ImportPath, len(p.GoFiles), n, average, len(knot), note)
	}
	return failed, nil
}

// pkg is a package as go list tells of it.
type pkg struct {
	Dir, ImportPath, Export string
	GoFiles                 []string
	DepOnly                 bool
}

type listed struct {
	own     []pkg
	exports map[string]string // import path → export data
}

// list asks go for the packages, and for what the compiler knows of all that they
// import.
func list(patterns []string) (l listed, err error) {
	args := append([]string{"list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,DepOnly"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return l, fmt.Errorf("go list: %w", err)
	}
	l.exports = map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return l, err
		}
		l.exports[p.ImportPath] = p.Export
		if !p.DepOnly && len(p.GoFiles) > 0 {
			l.own = append(l.own, p)
		}
	}
	slices.SortFunc(l.own, func(a, b pkg) int { return cmp.Compare(a.ImportPath, b.ImportPath) })
	return l, nil
}

// edges are, for each file of the package, the files that declare what it uses.
func edges(p pkg, exports map[string]string) (map[string][]string, error) {
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	own, err := conf.Check(p.ImportPath, fset, parsed, info)
	if err != nil {
		return nil, err
	}
	file := func(at token.Pos) string { return filepath.Base(fset.Position(at).Filename) }
	uses := map[string][]string{}
	for id, object := range info.Uses {
		if object.Pkg() != own {
			continue
		}
		from, to := file(id.Pos()), file(object.Pos())
		if from != to && !slices.Contains(uses[from], to) {
			uses[from] = append(uses[from], to)
		}
	}
	return uses, nil
}

// largestCycle is the largest set of files each of which reaches all others, by
// Tarjan's algorithm; nil where there is none.
func largestCycle(uses map[string][]string) (largest []string) {
	index, low, onStack := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(f string)
	visit = func(f string) {
		index[f] = len(index) + 1
		low[f] = index[f]
		stack, onStack[f] = append(stack, f), true
		for _, to := range uses[f] {
			if index[to] == 0 {
				visit(to)
				low[f] = min(low[f], low[to])
			} else if onStack[to] {
				low[f] = min(low[f], index[to])
			}
		}
		if low[f] != index[f] {
			return
		}
		i := slices.Index(stack, f)
		if part := stack[i:]; len(part) > 1 && len(part) > len(largest) {
			largest = slices.Sorted(slices.Values(part))
		}
		for _, g := range stack[i:] {
			onStack[g] = false
		}
		stack = stack[:i]
	}
	for f := range uses {
		if index[f] == 0 {
			visit(f)
		}
	}
	return largest
}
