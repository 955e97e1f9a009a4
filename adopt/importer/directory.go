package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"rung/internal/lazyre"

	"rung/runner"
)

// directory is the files to import from.
type directory struct {
	fs    fs.FS
	label string
	paths []string // all of its files, sorted
	texts map[string]*source
}

// source is one file, as lines without their ends.
type source struct {
	path  string
	lines []string
	bom   bool
	open  bool // its last line has no end
	err   error
}

const bom = "\ufeff"

// open lists the files, save those that are left out.
func open(fsys fs.FS, label string, except []string) (*directory, error) {
	d := &directory{fs: fsys, label: label, texts: map[string]*source{}}
	left := map[string]bool{}
	err := fs.WalkDir(fsys, ".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && p != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return fs.SkipDir
		case e.IsDir():
		case slices.Contains(except, p):
			left[p] = true
		default:
			d.paths = append(d.paths, p)
		}
		return nil
	})
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if err != nil {
		return nil, &runner.RefusalError{Reason: fmt.Sprintf("read directory %s: %v", label, err), Hint: "name the folder that holds the other tool's files"}
	}
	for _, p := range except {
		if !left[p] {
			return nil, &runner.RefusalError{Reason: fmt.Sprintf("--except %s: %s holds no such file", p, label), Hint: "write it as a path below " + label}
		}
	}
	slices.Sort(d.paths)
	return d, nil
}

// root are the files that are in no folder.
func (d *directory) root() []string {
	return slices.DeleteFunc(slices.Clone(d.paths), func(p string) bool { return strings.Contains(p, "/") })
}

func (d *directory) has(p string) bool {
	_, ok := slices.BinarySearch(d.paths, p)
	return ok
}

// text reads a file once.
func (d *directory) text(p string) *source {
	if s := d.texts[p]; s != nil {
		return s
	}
	s := &source{path: p}
	d.texts[p] = s
	info, err := fs.Stat(d.fs, p)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	var raw []byte
	if err == nil {
		raw, err = fs.ReadFile(d.fs, p)
	}
	if err != nil {
		s.err = err
		return s
	}
	text, hasBOM := strings.CutPrefix(string(raw), bom)
	s.bom = hasBOM
	text, ended := strings.CutSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	s.open = !ended
	s.lines = strings.Split(text, "\n")
	return s
}

// anyLine reports whether a .sql file at the root has a line that matches.
func (d *directory) anyLine(what *lazyre.Regexp) bool {
	return slices.ContainsFunc(d.root(), func(p string) bool {
		return isSQL(p) && slices.ContainsFunc(d.text(p).lines, what.MatchString)
	})
}

// anyPath reports whether the path of a file matches.
func (d *directory) anyPath(what *lazyre.Regexp) bool {
	return slices.ContainsFunc(d.paths, what.MatchString)
}

// hasPairs reports whether files at the root are pairs already.
func (d *directory) hasPairs() bool {
	return slices.ContainsFunc(d.root(), func(p string) bool { _, ok := runner.ParseFileName(p); return ok })
}

func (d *directory) shown(p string) string { return path.Join(d.label, p) }

func isSQL(p string) bool { return strings.EqualFold(path.Ext(p), ".sql") }

// first is the first line, "" of a file that cannot be read.
func (s *source) first() string {
	if len(s.lines) == 0 {
		return ""
	}
	return s.lines[0]
}
