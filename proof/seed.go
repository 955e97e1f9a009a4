package proof

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/runner"
)

// Seed is a file with rows to verify with.
type Seed struct {
	Path string
	// After is the version that it loads after; nil loads before the first one.
	After *runner.Version
}

// seedSchema has the history of the seed files, which run like migrations; it
// is gone when they are loaded.
const seedSchema = "rung_seed"

var seedName = lazyre.New(`^([0-9]+)_.*\.sql$`)

// FindSeeds lists the seed files of a path: the file, or those of a directory.
// NNN_name.sql loads after version NNN, any other before the first.
func FindSeeds(path string) ([]Seed, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &runner.RefusalError{Reason: fmt.Sprintf("seed %s: %v", path, reasonOf(err)), Hint: "--seed takes a file, a directory or auto"}
	}
	if !info.IsDir() {
		seed, err := seedOf(path)
		return []Seed{seed}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, &runner.RefusalError{Reason: fmt.Sprintf("seed %s: %v", path, reasonOf(err))}
	}
	var all []Seed
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		seed, err := seedOf(filepath.Join(path, e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, seed)
	}
	if len(all) == 0 {
		return nil, &runner.RefusalError{Reason: "seed " + path + " holds no .sql files", Hint: "name them 12_users.sql, to load after version 12, or without a number, to load before the first"}
	}
	return all, nil
}

func reasonOf(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func seedOf(path string) (Seed, error) {
	s := Seed{Path: path}
	if m := seedName.FindStringSubmatch(filepath.Base(path)); m != nil {
		v, err := runner.ParseVersion(m[1])
		if err != nil {
			return s, err
		}
		s.After = &v
	}
	return s, nil
}

// checkSeeds refuses a seed for a version that is not there.
func (v *verification) checkSeeds() error {
	for _, s := range v.Seeds {
		if s.After != nil && !slices.ContainsFunc(v.all, func(m *runner.Migration) bool { return m.Version == *s.After }) {
			return &runner.RefusalError{Reason: fmt.Sprintf("seed %s loads after version %s, which %s does not have", s.Path, *s.After, v.Dir.Label), Hint: "a seed without a number loads before the first version"}
		}
	}
	return nil
}

// firstSeeds load before the first version.
func (v *verification) firstSeeds() (all []Seed) {
	for _, s := range v.Seeds {
		if s.After == nil {
			all = append(all, s)
		}
	}
	return all
}

// seedsAfter load after the version with an index.
func (v *verification) seedsAfter(i int) (all []Seed) {
	for _, s := range v.Seeds {
		if s.After != nil && *s.After == v.all[i].Version {
			all = append(all, s)
		}
	}
	return all
}

// seed loads files into the walk, where every trial gets their rows from. A
// seed runs as a migration does, so it may hold COPY blocks and BEGIN … COMMIT.
func (w *walker) seed(ctx context.Context, seeds []Seed) error {
	for _, s := range seeds {
		if err := w.loadSeed(ctx, s); err != nil {
			return fmt.Errorf("load the seed: %w", err)
		}
	}
	return nil
}

func (w *walker) loadSeed(ctx context.Context, s Seed) error {
	dir, err := runner.Load(seedFile{s.Path}, filepath.Dir(s.Path))
	if err != nil {
		return err
	}
	cfg := w.Runner
	cfg.Conn, cfg.Dir, cfg.Load, cfg.Role, cfg.Events, cfg.HistorySchema = w.walk.Conn, dir, nil, "", nil, seedSchema
	r, err := runner.New(cfg)
	if err != nil {
		return err
	}
	if _, err := r.Up(ctx, runner.UpRequest{Request: runner.Request{BesideOther: true, Inline: true}}); err != nil {
		return err
	}
	db, err := w.walk.open()
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "DROP SCHEMA "+pq.QuoteIdentifier(seedSchema)+" CASCADE"); err != nil {
		return fmt.Errorf("drop the seed's history: %w", err)
	}
	return nil
}

// seedFile shows one file as a directory with one migration.
type seedFile struct{ path string }

const seedAsMigration = "1_seed.up.sql"

// Open is that of an fs.FS.
func (f seedFile) Open(name string) (fs.File, error) {
	if name != seedAsMigration {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(f.path)
}

// ReadDir is that of an fs.ReadDirFS.
func (f seedFile) ReadDir(string) ([]fs.DirEntry, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{seedEntry{info}}, nil
}

// seedEntry is the file under the name of a migration.
type seedEntry struct{ fs.FileInfo }

func (seedEntry) Name() string                 { return seedAsMigration }
func (e seedEntry) Type() fs.FileMode          { return e.Mode().Type() }
func (e seedEntry) Info() (fs.FileInfo, error) { return e.FileInfo, nil }
