package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"rung/proof"
	"rung/runner"
)

const (
	verifyVersions      = 300
	quickVerifyVersions = 12
	verifyLimit         = 90 * time.Second
	// verifyShare is the most that rung verify may take of what the same
	// procedure takes with pg_dump.
	verifyShare = 0.25
)

// verify asks how long it takes to prove every down migration of a directory,
// beside the same procedure with a pg_dump for each snapshot.
func (b *bench) verify(ctx context.Context, opts options) ([]section, error) {
	versions := verifyVersions
	if opts.quick {
		versions = quickVerifyVersions
	}
	dir := filepath.Join(b.workDir, "verify")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for v := 1; v <= versions; v++ {
		if err := writeMigration(dir, pairLayout, verifyMigration(v)); err != nil {
			return nil, err
		}
	}
	ways := []struct {
		name      string
		run       func() (time.Duration, error)
		took, cpu []time.Duration
	}{
		{name: "rung verify", run: func() (time.Duration, error) {
			s, err := measureProcess(ctx, b.workDir, b.binaries["rung"].path, []string{"verify", "--dir", dir})
			return s.wall, err
		}},
		{name: "the same with pg_dump", run: func() (time.Duration, error) { return verifyByDump(ctx, dir) }},
	}
	err := inTurns(b.runs, len(ways), func(run, i int) error {
		before := cpuTime()
		took, err := ways[i].run()
		if err != nil {
			return fmt.Errorf("%s: %w", ways[i].name, err)
		}
		ways[i].took, ways[i].cpu = append(ways[i].took, took), append(ways[i].cpu, cpuTime()-before)
		b.progress("verify, run %d: %s %s", run+1, ways[i].name, seconds(took))
		return nil
	})
	if err != nil {
		return nil, err
	}
	s := section{
		title: fmt.Sprintf("%d versions, up, down and up", versions),
		note:  "Both end with about 2,000 objects in the catalog and work on all cores; pg_dump's way compares schemas alone. CPU is that of all processes, the servers included: on a busy machine it tells more than the time.",
		head:  []string{"", "median", "a version", "CPU"},
	}
	for _, w := range ways {
		s.lines = append(s.lines, []string{w.name, seconds(median(w.took)), seconds(median(w.took) / time.Duration(versions)), seconds(median(w.cpu))})
	}
	rung, dumps := median(ways[0].took), median(ways[1].took)
	share := rung.Seconds() / dumps.Seconds()
	s.promises = []promise{
		{fmt.Sprintf("verify: %d versions under %s", versions, seconds(verifyLimit)), rung < verifyLimit, seconds(rung)},
		{fmt.Sprintf("verify: at most %.2f of the time with pg_dump", verifyShare), share <= verifyShare, ratioText(share)},
	}
	return []section{s}, nil
}

// verifyMigration is one of a ladder that ends with about 2,000 objects: every
// third makes a table, the others add to it.
func verifyMigration(v int) migration {
	t := fmt.Sprintf("t%d", (v+2)/3)
	m := migration{version: v}
	switch v % 3 {
	case 1:
		m.up = fmt.Sprintf("CREATE TABLE %[1]s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, kind text DEFAULT 'a', n int, at timestamptz DEFAULT now(), note text, owner int, state text);\nCREATE INDEX %[1]s_name ON %[1]s (name);\n", t)
		m.down = fmt.Sprintf("DROP TABLE %s;\n", t)
	case 2:
		m.up = fmt.Sprintf("ALTER TABLE %[1]s ADD COLUMN more text, ADD CONSTRAINT %[1]s_n CHECK (n > 0);\nCREATE INDEX %[1]s_more ON %[1]s (more);\n", t)
		m.down = fmt.Sprintf("ALTER TABLE %[1]s DROP CONSTRAINT %[1]s_n, DROP COLUMN more;\n", t)
	default:
		m.up = fmt.Sprintf("CREATE VIEW %[1]s_view AS SELECT id, name FROM %[1]s WHERE n > 1;\nCOMMENT ON TABLE %[1]s IS 'one of many';\nCREATE FUNCTION %[1]s_count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM %[1]s';\n", t)
		m.down = fmt.Sprintf("DROP FUNCTION %[1]s_count();\nCOMMENT ON TABLE %[1]s IS NULL;\nDROP VIEW %[1]s_view;\n", t)
	}
	return m
}

// verifyByDump goes through a directory as rung verify does, sessions kept, with
// the text of pg_dump for a snapshot, a part of the directory on each core.
func verifyByDump(ctx context.Context, dir string) (time.Duration, error) {
	d, err := runner.Load(os.DirFS(dir), dir)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	jobs := runtime.NumCPU()
	errs := make(chan error, jobs)
	for n := range jobs {
		go func() {
			errs <- dumpPart(ctx, d, len(d.Migrations)*n/jobs, len(d.Migrations)*(n+1)/jobs)
		}()
	}
	for range jobs {
		err = errors.Join(err, <-errs)
	}
	return time.Since(began), err
}

// dumpPart verifies the versions from one index to another.
func dumpPart(ctx context.Context, d *runner.Directory, from, to int) (err error) {
	s, err := proof.OpenScratch(ctx, proof.ScratchConfig{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	walk, err := s.Create(ctx)
	if err != nil {
		return err
	}
	var sessions runner.Sessions
	on := func(db *proof.Database) (*runner.Runner, error) {
		return runner.New(runner.Config{Conn: db.Conn, Dir: d, Sessions: &sessions})
	}
	up := func(db *proof.Database, i int) error {
		r, err := on(db)
		if err == nil {
			_, err = r.Up(ctx, runner.UpRequest{Request: runner.Request{To: &d.Migrations[i].Version}})
		}
		return err
	}
	if from > 0 {
		if err := up(walk, from-1); err != nil {
			return err
		}
	}
	sessions.Close()
	trial, err := s.Clone(ctx, walk)
	if err != nil {
		return err
	}
	defer sessions.Close()
	before, err := dumpOf(ctx, s, trial)
	for i := from; i < to && err == nil; i++ {
		before, err = dumpTrial(ctx, s, trial, before, func() error { return up(trial, i) }, func() error {
			r, err := on(trial)
			if err == nil {
				_, err = r.Down(ctx, runner.Request{Steps: 1})
			}
			return err
		})
	}
	return err
}

// dumpTrial is one version up, down and up. It returns the dump at its end.
func dumpTrial(ctx context.Context, s *proof.Scratch, db *proof.Database, before []byte, up, down func() error) ([]byte, error) {
	var texts [][]byte
	for _, step := range []func() error{up, down, up} {
		if err := step(); err != nil {
			return nil, err
		}
		text, err := dumpOf(ctx, s, db)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	if !bytes.Equal(texts[1], before) || !bytes.Equal(texts[2], texts[0]) {
		return nil, errors.New("a dump is not what it was")
	}
	return texts[2], nil
}

func dumpOf(ctx context.Context, s *proof.Scratch, db *proof.Database) ([]byte, error) {
	text, err := s.Dump(ctx, db, []string{"rung"})
	return []byte(text), err
}
