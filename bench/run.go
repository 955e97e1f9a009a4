package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// measure asks a scenario. The tools take turns, so that whatever else the
// machine does meets all of them; and each run starts with another tool, so
// that none always has the same predecessor.
func (b *bench) measure(ctx context.Context, s scenario) (result, error) {
	dirs, err := b.layOut(s)
	defer b.cleanUp(dirs)
	if err != nil {
		return result{}, fmt.Errorf("write the migrations: %w", err)
	}
	tools := slices.DeleteFunc(slices.Clone(b.tools), func(t tool) bool { return !s.takesPart(t) })
	rows := make([]row, len(tools))
	for i, t := range tools {
		rows[i] = row{tool: t.name, reference: t.reference}
	}
	for run := range b.runs {
		for turn := range tools {
			i := (run + turn) % len(tools)
			if rows[i].err != nil {
				continue
			}
			samples, err := b.once(ctx, s, tools[i], dirs[tools[i].name])
			if ctx.Err() != nil {
				return result{}, context.Cause(ctx)
			}
			rows[i].samples, rows[i].err = append(rows[i].samples, samples...), err
			b.report(s, run, rows[i])
		}
	}
	return result{scenario: s, rows: rows}, nil
}

func (b *bench) report(s scenario, run int, r row) {
	if r.err != nil {
		b.progress("%s, run %d: %s FAILED: %v", s.name, run+1, r.tool, r.err)
		return
	}
	b.progress("%s, run %d: %s %s", s.name, run+1, r.tool, seconds(r.samples[len(r.samples)-1].wall))
}

// layOut writes the corpus for each tool that takes part.
func (b *bench) layOut(s scenario) (map[string]string, error) {
	dirs := map[string]string{}
	for _, t := range b.tools {
		if !s.takesPart(t) {
			continue
		}
		dirs[t.name] = filepath.Join(b.workDir, s.name, t.name)
		if err := s.corpus.write(dirs[t.name], t.layout); err != nil {
			return dirs, err
		}
	}
	return dirs, nil
}

func (b *bench) cleanUp(dirs map[string]string) {
	for _, dir := range dirs {
		if err := os.RemoveAll(dir); err != nil {
			b.progress("clean up: %v", err)
		}
	}
}

// once runs a tool in a fresh database and looks whether it did the work.
func (b *bench) once(ctx context.Context, s scenario, t tool, dir string) (samples []sample, err error) {
	err = b.server.withDatabase(ctx, func(name string) error {
		direct := b.server.URL(name)
		if s.idle {
			if _, err := b.runTool(ctx, t, dir, direct); err != nil {
				return fmt.Errorf("first run: %w", err)
			}
			if err := b.server.check(ctx, name, s.corpus); err != nil {
				return fmt.Errorf("first run: %w", err)
			}
		}
		for range s.repeat {
			one, err := b.runOver(ctx, s, t, dir, name)
			if err != nil {
				return err
			}
			samples = append(samples, one)
		}
		return b.server.check(ctx, name, s.corpus)
	})
	return samples, err
}

func (b *bench) runOver(ctx context.Context, s scenario, t tool, dir, name string) (sample, error) {
	if !s.link {
		return b.runTool(ctx, t, dir, b.server.URL(name))
	}
	url, err := b.server.link.url(name)
	if err != nil {
		return sample{}, err
	}
	b.server.link.ResetStats()
	one, err := b.runTool(ctx, t, dir, url)
	one.trips = b.server.link.Stats().RoundTrips
	return one, err
}

// all asks the scenarios one after the other.
func (b *bench) all(ctx context.Context, opts options) (report, error) {
	r := report{options: opts, date: time.Now().Format("2006-01-02"), versions: map[string]string{}}
	for name, bin := range b.binaries {
		r.versions[name] = bin.version
	}
	var err error
	if r.host, err = describeHost(ctx, b.server); err != nil {
		return r, err
	}
	for _, s := range opts.scenarios {
		if s.copies {
			if r.refusals, err = b.refusals(ctx); err != nil {
				return r, err
			}
		}
		res, err := b.measure(ctx, s)
		if err != nil {
			return r, fmt.Errorf("%s: %w", s.name, err)
		}
		r.results = append(r.results, res)
	}
	return r, nil
}
