// Package files reads what is to run: directory → file → script → steps. It is
// pure: it knows no database, so that what a file means is decided, and tested,
// without one.
package files

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"rung/internal/english"
	"rung/internal/lazyre"
	"rung/internal/othertool"
	"rung/internal/script"
)

// Migration is one version of the directory: its up and its down file, paired
// by version.
type Migration struct {
	Version Version
	// Name is the part of the file name between version and ".up.sql".
	Name string
	// Up is nil when only a down file exists; Down when it cannot be reverted.
	Up, Down *Script

	// Others are further up files of that version, and taken says so of each:
	// which of them is meant cannot be told.
	Others []*Script
	Taken  []Problem
}

// Unclear is what keeps an up file from being compared with the history.
func (m *Migration) Unclear() []Problem {
	if m.Up != nil && m.Up.Unread {
		return append(slices.Clone(m.Taken), m.Up.Problems...)
	}
	return m.Taken
}

// UpIs reports whether an up file of the migration has that checksum.
func (m *Migration) UpIs(checksum string) bool {
	return m.Up.Checksum == checksum || slices.ContainsFunc(m.Others, func(s *Script) bool { return s.Checksum == checksum })
}

// Directory is what Load found: the migrations in order of version, and what
// is odd but no reason to refuse.
type Directory struct {
	// Label is the directory's path as the user gave it; of several, all.
	Label      string
	Migrations []*Migration
	// Problems are all that is wrong with the files, in order of file and place.
	// One stops what would run its file, and nothing else.
	Problems []Problem
	// Skipped are the files that are not run because of their names, and the
	// sub-folders because they were not asked for.
	Skipped  []Problem
	Warnings []Problem

	// looksLike is what the files of a directory without migrations are.
	looksLike *othertool.Files
}

// Bad is a *BadFilesError with all of the problems, or nil.
func (d *Directory) Bad() error {
	if len(d.Problems) == 0 {
		return nil
	}
	return &BadFilesError{d.Problems}
}

// Source is one directory of migrations, and its path as the user gave it.
type Source struct {
	FS    fs.FS
	Label string
}

// The layout is that of golang-migrate (source/parse.go there), so that its
// directories run unchanged.
var (
	fileName = lazyre.New(`^([0-9]+)_(.*)\.(up|down)\.sql$`)
	// That takes files of any ending, such as .pgsql. They are not passed over
	// in silence.
	otherEnding = lazyre.New(`^[0-9]+_.*\.(up|down)\.`)
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
// file names in messages. What is wrong with the files goes to the directory's
// Problems; the error is a *BadFilesError too, of a directory that cannot be read.
func Load(fsys fs.FS, label string) (*Directory, error) {
	return LoadAll([]Source{{fsys, label}}, false)
}

// LoadAll reads several directories as one order of versions, and where that is
// asked for their sub-folders with them.
func LoadAll(sources []Source, recursive bool) (*Directory, error) {
	l := loader{recursive: recursive, byVersion: map[Version]*Migration{}}
	labels := make([]string, len(sources))
	var bad []Problem
	for i, src := range sources {
		labels[i] = src.Label
		if err := l.read(src); err != nil {
			p := Problem{File: src.Label, What: "cannot be read: " + reason(err)}
			if errors.Is(err, fs.ErrNotExist) {
				p.What, p.Fix = "no such directory", "create it, or point --dir at the migrations"
			}
			bad = append(bad, p)
		}
	}
	if len(bad) > 0 {
		return nil, &BadFilesError{bad}
	}
	d := l.directory(strings.Join(labels, ", "))
	if len(d.Migrations) == 0 {
		for _, src := range sources {
			d.looksLike = cmp.Or(d.looksLike, othertool.OfFiles(src.FS))
		}
	}
	return d, nil
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
	recursive bool
	byVersion map[Version]*Migration
	problems  []Problem
	skipped   []Problem
}

// read takes in the files of one directory.
func (l *loader) read(src Source) error {
	entries, err := fs.ReadDir(src.FS, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case !e.IsDir():
			l.add(src, e.Name(), e)
		case isSubfolder(e.Name()):
			if err := l.subfolder(src, e.Name()); err != nil {
				l.problems = append(l.problems, Problem{File: path.Join(src.Label, e.Name()), What: "cannot be read: " + reason(err)})
			}
		}
	}
	return nil
}

// isSubfolder is false of what holds no migrations: what is hidden, and rung's
// own templates.
func isSubfolder(name string) bool { return !strings.HasPrefix(name, ".") && name != "templates" }

// subfolder reads a folder below, or says that it is not read where migrations
// are in it.
func (l *loader) subfolder(src Source, dir string) error {
	passed := 0
	err := fs.WalkDir(src.FS, dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			if name != dir && !isSubfolder(e.Name()) {
				return fs.SkipDir
			}
		case l.recursive:
			l.add(src, name, e)
		default:
			if _, ok := ParseFileName(e.Name()); ok {
				passed++
			}
		}
		return nil
	})
	if l.recursive {
		return err
	}
	if passed > 0 {
		l.skipped = append(l.skipped, Problem{
			File: path.Join(src.Label, dir), What: "is ignored with its " + english.Count(passed, "migration file") + ": sub-folders are not read",
			Fix: "add --recursive, or name it with another --dir",
		})
	}
	return nil
}

func (l *loader) add(src Source, name string, e fs.DirEntry) {
	if !meantToRun(e.Name()) {
		return
	}
	shown := path.Join(src.Label, name)
	n, ok := ParseFileName(e.Name())
	if !ok {
		l.skipped = append(l.skipped, Problem{File: shown, What: "is ignored: its name is not VERSION_NAME.up.sql or VERSION_NAME.down.sql", Fix: "rename it, or move it out of the directory"})
		return
	}
	s, err := readScript(src.FS, name, e, shown)
	if err != nil {
		s = cannotBeRead(shown, err)
	}
	l.problems = append(l.problems, s.Problems...)
	l.pair(n.Version, n.Name, n.Direction == Up, s)
}

// readScript reads a file. What is none, or a link to none, is not even opened:
// a pipe would be waited for, and a device read for ever.
func readScript(fsys fs.FS, name string, e fs.DirEntry, shown string) (*Script, error) {
	mode := e.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := fs.Stat(fsys, name)
		if err != nil {
			return nil, err
		}
		mode = info.Mode()
	}
	if !mode.IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return loadScript(fsys, name, shown)
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
		slot = &mig.Up
	}
	if *slot == nil {
		if *slot, s.name = s, name; up {
			mig.Name = name
		}
		return
	}
	p := Problem{
		File: s.Path, What: fmt.Sprintf("version %s is already used by %s", v, (*slot).Path),
		Fix: "renumber one of them (leading zeros do not count)",
	}
	l.problems = append(l.problems, p)
	if up {
		mig.Others, mig.Taken = append(mig.Others, s), append(mig.Taken, p)
	} else {
		(*slot).Problems = append((*slot).Problems, p)
	}
}

func (l *loader) directory(label string) *Directory {
	d := &Directory{Skipped: l.skipped, Problems: l.problems}
	for _, m := range l.byVersion {
		d.Migrations = append(d.Migrations, m)
	}
	slices.SortFunc(d.Migrations, func(a, b *Migration) int { return a.Version.Compare(b.Version) })
	d.Label = label
	d.checkRequires()
	SortProblems(d.Problems)
	SortProblems(d.Skipped)
	d.Warnings = d.WarningsBeside(func(Version) bool { return false })
	return d
}

// WarningsBeside are the directory's warnings beside a history that holds the
// down SQL of some versions: these can be reverted without a down file.
func (d *Directory) WarningsBeside(holdsDown func(Version) bool) (all []Problem) {
	for _, m := range d.Migrations {
		all = append(all, m.warnings()...)
	}
	all = append(all, withoutDown(d.Migrations, holdsDown)...)
	SortProblems(all)
	return all
}

// warnings are what is odd in the migration's files.
func (m *Migration) warnings() (all []Problem) {
	for _, s := range []*Script{m.Up, m.Down} {
		if s != nil {
			all = append(all, s.warnings...)
		}
	}
	switch {
	case m.Up == nil:
		return append(all, Problem{File: m.Down.Path, What: "is ignored: it is a down file without an up file"})
	case len(m.Up.Parsed.Statements) == 0 && len(m.Up.Problems) == 0:
		all = append(all, Problem{File: m.Up.Path, What: "has no statement, so it would change nothing", Fix: "write one, or put `-- rung:todo` into the file until then"})
	}
	if m.Down != nil && m.Down.name != m.Name {
		all = append(all, Problem{File: m.Down.Path, What: "its name differs from that of " + m.Up.Path, Fix: "rename one of them; they are paired by version anyway"})
	}
	return all
}

// withoutDown is one warning for all migrations without a down file: whole
// directories are written so.
func withoutDown(all []*Migration, holdsDown func(Version) bool) []Problem {
	const most = 5
	var paths, titles []string
	for _, m := range all {
		if m.Up != nil && m.Down == nil && !holdsDown(m.Version) {
			paths, titles = append(paths, m.Up.Path), append(titles, m.Title())
		}
	}
	const fix = "write one, or a down file with `-- rung:irreversible REASON`"
	switch n := len(paths); {
	case n == 0:
		return nil
	case n == 1:
		return []Problem{{File: paths[0], What: "has no down file, so it cannot be reverted", Fix: fix}}
	case n > most:
		titles = append(titles[:most], fmt.Sprintf("%d more", n-most))
	}
	return []Problem{{
		File: path.Dir(paths[0]), What: fmt.Sprintf("%s have no down file, so they cannot be reverted: %s", english.Count(len(paths), "migration"), strings.Join(titles, ", ")),
		Fix: "write them, or down files with `-- rung:irreversible REASON`",
	}}
}

// MustHaveFiles returns an error, ErrEmpty within, for an empty directory.
func (d *Directory) MustHaveFiles() error {
	if len(d.Migrations) > 0 {
		return nil
	}
	hint := "check --dir: migration files are named like 000001_create_users.up.sql"
	what := ErrEmpty
	switch {
	case d.looksLike != nil:
		what, hint = fmt.Errorf("%w for rung; %s", ErrEmpty, d.looksLike.What), d.looksLike.Hint(d.Label)
	case slices.ContainsFunc(d.Skipped, func(p Problem) bool { return strings.Contains(p.Fix, "--recursive") }):
		hint = "its sub-folders have some: add --recursive"
	}
	return &HintedError{fmt.Errorf("%s: %w", d.Label, what), hint}
}

// Find returns the migration of that version, or nil.
func (d *Directory) Find(v Version) *Migration {
	i, ok := slices.BinarySearchFunc(d.Migrations, v, func(m *Migration, v Version) int { return m.Version.Compare(v) })
	if !ok {
		return nil
	}
	return d.Migrations[i]
}

// Unrecordable is why an up file cannot be written down as one that has run:
// which it is, or what it is to say, is still open. What would keep it from
// running does not matter to that.
func (m *Migration) Unrecordable() []Problem {
	if m.Up.Todo {
		return m.Up.Problems
	}
	return m.Unclear()
}

// Direction is the way a migration runs.
type Direction string

// Up applies, Down reverts.
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// checkRequires refuses to require what is no background backfill of an earlier
// file. What is wrong stops the commands that would run the file, as all its
// problems do.
func (d *Directory) checkRequires() {
	for _, m := range d.Migrations {
		if m.Up == nil {
			continue
		}
		for _, v := range m.Up.Requires {
			p := script.Problem{Pos: m.Up.directivePos("requires", v), What: fmt.Sprintf("rung:requires %s: ", v), Fix: "name an earlier file that says `-- rung:background`"}
			switch required := d.Find(v); {
			case v.Compare(m.Version) == 0:
				p.What += "that is this file"
			case required == nil || required.Up == nil:
				p.What += fmt.Sprintf("there is no version %s in %s", v, d.Label)
			case v.Compare(m.Version) > 0:
				p.What += required.Up.Path + " comes after this file"
			case !required.Up.Background && !required.Up.Unread:
				p.What += required.Up.Path + " does not say `-- rung:background`, so it is applied before this file anyway"
				p.Fix = "take the line out"
			default:
				continue
			}
			m.Up.addProblems(&m.Up.Problems, []script.Problem{p})
			d.Problems = append(d.Problems, m.Up.Problems[len(m.Up.Problems)-1])
		}
	}
}
