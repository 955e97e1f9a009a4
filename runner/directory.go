package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Migration is one version of the directory: its up and its down file, paired
// by version.
type Migration struct {
	Version Version
	// Name is the part of the file name between version and ".up.sql".
	Name string
	// Up is nil when only a down file exists; Down when there is no way back.
	Up, Down *Script
}

// Directory is what Load found: the migrations in order of version, and what
// is odd but no reason to refuse.
type Directory struct {
	// Label is the directory's path as the user gave it.
	Label      string
	Migrations []*Migration
	// Skipped are the files that are not run because of their names.
	Skipped  []Problem
	Warnings []Problem
}

// The layout is that of golang-migrate (source/parse.go there), so that its
// directories run unchanged.
var (
	fileName = regexp.MustCompile(`^([0-9]+)_(.*)\.(up|down)\.sql$`)
	// That takes files of any ending, such as .pgsql. They are not passed over
	// in silence.
	otherEnding = regexp.MustCompile(`^[0-9]+_.*\.(up|down)\.`)
)

// meantToRun tells the files that run, or that somebody may think do.
func meantToRun(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), ".sql") || otherEnding.MatchString(name)
}

// FileName is what the name of a migration's file says.
type FileName struct {
	// Digits are the version as it is written, with its leading zeros.
	Digits    string
	Version   Version
	Name      string
	Direction Direction
}

// ParseFileName reads the name of a file. Ok is false for one that is not run.
func ParseFileName(name string) (n FileName, ok bool) {
	m := fileName.FindStringSubmatch(name)
	if m == nil {
		return n, false
	}
	v, err := ParseVersion(m[1])
	return FileName{Digits: m[1], Version: v, Name: m[2], Direction: Direction(m[3])}, err == nil
}

// Load reads every migration file at the root of fsys. Label is put before
// file names in messages. All problems of all files come back at once, as
// *BadFiles.
func Load(fsys fs.FS, label string) (*Directory, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &BadFiles{[]Problem{{File: label, What: "no such directory", Mend: "make it, or point --dir at the migrations"}}}
		}
		return nil, &BadFiles{[]Problem{{File: label, What: "cannot be read: " + reason(err)}}}
	}
	l := loader{fsys: fsys, label: label, byVersion: map[Version]*Migration{}}
	for _, e := range entries {
		if e.IsDir() || !meantToRun(e.Name()) {
			continue
		}
		l.add(e)
	}
	return l.directory()
}

// reason is an error of the file system without the path in it.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

type loader struct {
	fsys      fs.FS
	label     string
	byVersion map[Version]*Migration
	problems  []Problem
	skipped   []Problem
	warnings  []Problem
}

func (l *loader) add(e fs.DirEntry) {
	name := e.Name()
	shown := path.Join(l.label, name)
	n, ok := ParseFileName(name)
	if !ok {
		l.skipped = append(l.skipped, Problem{File: shown, What: "not run: its name is not VERSION_NAME.up.sql or .down.sql", Mend: "rename it, or keep it elsewhere"})
		return
	}
	s, err := l.script(e, shown)
	if err != nil {
		l.problems = append(l.problems, Problem{File: shown, What: "cannot be read: " + reason(err)})
		return
	}
	l.problems = append(l.problems, s.problems...)
	l.warnings = append(l.warnings, s.warnings...)
	l.pair(n.Version, n.Name, n.Direction == Up, s)
}

// script reads a file. What is none, or a link to none, is not even opened: a
// pipe would be waited for, and a device read for ever.
func (l *loader) script(e fs.DirEntry, shown string) (*Script, error) {
	mode := e.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := fs.Stat(l.fsys, e.Name())
		if err != nil {
			return nil, err
		}
		mode = info.Mode()
	}
	if !mode.IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return loadScript(l.fsys, e.Name(), shown)
}

// pair puts a script in its migration's place, which must be free.
func (l *loader) pair(v Version, name string, up bool, s *Script) {
	mig := l.byVersion[v]
	if mig == nil {
		mig = &Migration{Version: v, Name: name}
		l.byVersion[v] = mig
	}
	slot := &mig.Down
	if up {
		slot, mig.Name = &mig.Up, name
	}
	if *slot != nil {
		l.problems = append(l.problems, Problem{
			File: s.Path, What: fmt.Sprintf("version %s is taken by %s", v, (*slot).Path),
			Mend: "give one of them another number (leading zeros do not count)",
		})
		return
	}
	*slot = s
	s.name = name
}

func (l *loader) directory() (*Directory, error) {
	d := &Directory{Label: l.label, Skipped: l.skipped, Warnings: l.warnings}
	for _, m := range l.byVersion {
		d.Migrations = append(d.Migrations, m)
		switch {
		case m.Up == nil:
			d.Warnings = append(d.Warnings, Problem{File: m.Down.Path, What: "a down file without its up file is not run"})
		case m.Down == nil:
			d.Warnings = append(d.Warnings, Problem{File: m.Up.Path, What: "has no down file, so no way back", Mend: "write one, or one that says `-- rung:irreversible REASON`"})
		case m.Down.name != m.Name:
			d.Warnings = append(d.Warnings, Problem{File: m.Down.Path, What: "its name differs from that of " + m.Up.Path, Mend: "rename one; they are paired by version all the same"})
		}
	}
	slices.SortFunc(d.Migrations, func(a, b *Migration) int { return a.Version.Compare(b.Version) })
	sortProblems(d.Skipped)
	sortProblems(d.Warnings)
	if len(l.problems) > 0 {
		sortProblems(l.problems)
		return nil, &BadFiles{l.problems}
	}
	return d, nil
}

// MustHaveFiles returns an error, ErrEmpty within, for an empty directory.
func (d *Directory) MustHaveFiles() error {
	if len(d.Migrations) > 0 {
		return nil
	}
	return &Hinted{fmt.Errorf("%s: %w", d.Label, ErrEmpty), "they are named like 000001_create_users.up.sql; is --dir right?"}
}

// Find returns the migration of that version, or nil.
func (d *Directory) Find(v Version) *Migration {
	i, ok := slices.BinarySearchFunc(d.Migrations, v, func(m *Migration, v Version) int { return m.Version.Compare(v) })
	if !ok {
		return nil
	}
	return d.Migrations[i]
}
