package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Accepted is a version that baseline or repair wrote down without running it.
type Accepted struct {
	Version Version
	Title   string
	Name    string
	// What tells what the record now says: "baseline", or the findings that
	// repair settled.
	What []string
}

// Baseline records every file of the directory up to a version as applied,
// without running it: for a database that has those changes already.
func (r *Runner) Baseline(ctx context.Context, to Version) (*Report, error) {
	var todo []*Migration
	return r.work(ctx, job{
		fixes: true,
		check: func(d *Directory) error {
			if d.Find(to) != nil {
				return nil
			}
			return &Refusal{Reason: fmt.Sprintf("there is no version %s in %s", to, d.Label), Hint: "name the newest version that the database has already"}
		},
		plan: func(_ context.Context, w *worker) (bool, error) {
			todo = nil
			var bad []Problem
			for _, m := range w.cfg.Dir.Migrations {
				if m.Up != nil && m.Version.Compare(to) <= 0 && w.rec.Find(m.Version) == nil {
					todo, bad = append(todo, m), append(bad, m.unrecordable()...)
				}
			}
			if len(bad) > 0 {
				return false, &BadFiles{bad}
			}
			return len(todo) > 0, nil
		},
		do: func(ctx context.Context, w *worker) error { return w.baseline(ctx, todo) },
	})
}

// unrecordable is why an up file cannot be written down as one that has run:
// which it is, or what it is to say, is still open. What would keep it from
// running does not matter to that.
func (m *Migration) unrecordable() []Problem {
	if m.Up.Todo {
		return m.Up.problems
	}
	return m.unclear()
}

func (w *worker) baseline(ctx context.Context, todo []*Migration) error {
	m := &message{}
	m.say(w.book.begin(""))
	for _, mig := range todo {
		if _, err := w.sayRecorded(m, mig, "baseline", nil); err != nil {
			return err
		}
		w.report.Accepted = append(w.report.Accepted, Accepted{mig.Version, mig.Title(), mig.Name, []string{"baseline"}})
	}
	return w.write(ctx, m)
}

// sayRecorded adds what records a migration as applied that did not run here, and
// returns its values. Without a note the log has the run's.
func (w *worker) sayRecorded(m *message, mig *Migration, action string, note any) (values, error) {
	a := Action{Direction: Up, Version: mig.Version, Name: mig.Name, Script: mig.Up, migration: mig}
	v := w.values(a, 0)
	if err := w.addFiles(a, v); err != nil {
		return nil, err
	}
	v["state"], v["action"] = string(Applied), action
	v["checksum"] = mig.Up.Checksum
	if note != nil {
		v["note"] = note
	}
	m.say(w.book.sql("claim_up", v) + w.book.sql("log", v))
	return v, nil
}

// write sends bookkeeping that runs no file, and forgets the report's
// acceptances where it failed.
func (w *worker) write(ctx context.Context, m *message) error {
	m.say("COMMIT")
	err := w.s.exec(ctx, m.b.String())
	if err != nil {
		w.report.Accepted = nil
		return w.rollback(context.WithoutCancel(ctx), writingFailed(err))
	}
	return nil
}

// writingFailed is an error of bookkeeping that runs no file.
func writingFailed(err error) error {
	err = fmt.Errorf("write the record: %w", err)
	if hint := recordHint(err); hint != "" {
		return &Hinted{err, hint}
	}
	return err
}

// Repair accepts the files as they are now: their checksums, SQL and names go
// into the record in place of the old. It runs nothing. With versions, only
// those are accepted.
func (r *Runner) Repair(ctx context.Context, versions []Version) (*Report, error) {
	var todo []Accepted
	return r.work(ctx, job{
		fixes: true,
		check: func(d *Directory) error {
			for _, v := range versions {
				if d.Find(v) == nil {
					return &Refusal{Reason: fmt.Sprintf("there is no version %s in %s", v, d.Label)}
				}
			}
			return nil
		},
		plan: func(_ context.Context, w *worker) (work bool, err error) {
			todo, err = repairs(w.cfg.Dir, w.rec, versions)
			return len(todo) > 0, err
		},
		do: func(ctx context.Context, w *worker) error { return w.repair(ctx, todo) },
	})
}

// repairs are the findings that accepting the files settles, by version. It
// refuses with *Disagreement where accepting would not help, or would do harm.
func repairs(d *Directory, r *Record, only []Version) (todo []Accepted, err error) {
	var fatal []Finding
	found := append(compare(d, r), addedDowns(d, r)...)
	slices.SortStableFunc(found, func(a, b Finding) int { return a.Version.Compare(b.Version) })
	for _, f := range found {
		switch f.Kind {
		case EditedUp, EditedDown, EditedStep, Renamed, AddedDown:
		default:
			continue
		}
		if len(only) > 0 && !slices.Contains(only, f.Version) {
			continue
		}
		if f.Kind == EditedStep {
			fit := fitSteps(d.Find(f.Version).Up, f.Version, f.Name, Up, r)
			if why := fit.unacceptable(); why != "" {
				f.What, f.Fix = why, "put back what ran, or take the migration back with `rung down` first"
				fatal = append(fatal, f)
				continue
			}
		}
		if n := len(todo); n == 0 || todo[n-1].Version != f.Version {
			todo = append(todo, Accepted{Version: f.Version, Title: d.Title(f.Version, f.Name), Name: f.Name})
		}
		last := &todo[len(todo)-1]
		last.What = append(last.What, string(f.Kind))
	}
	if len(fatal) > 0 {
		return nil, &Disagreement{fatal}
	}
	return todo, unacceptable(d, todo)
}

// unacceptable is what is wrong with the files that repair would accept: what
// cannot run is no reason to forget what ran.
func unacceptable(d *Directory, todo []Accepted) error {
	var bad []Problem
	for _, acc := range todo {
		m := d.Find(acc.Version)
		bad = append(bad, m.taken...)
		for _, s := range []*Script{m.Up, m.Down} {
			if s != nil {
				bad = append(bad, s.problems...)
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	sortProblems(bad)
	return &BadFiles{bad}
}

// addedDowns are the down files that were written after their versions were
// applied. To every command but repair they are no difference.
func addedDowns(d *Directory, r *Record) (found []Finding) {
	for _, row := range r.Rows {
		if m := d.Find(row.Version); m != nil && m.Up != nil && m.Down != nil && row.DownChecksum == nil {
			found = append(found, Finding{Kind: AddedDown, Version: row.Version, Name: row.Name, File: m.Down.Path, What: "was written after its version was applied", Fix: "`rung repair` records it"})
		}
	}
	return found
}

func (w *worker) repair(ctx context.Context, todo []Accepted) error {
	m := &message{}
	m.say(w.book.begin(""))
	for _, acc := range todo {
		mig := w.cfg.Dir.Find(acc.Version)
		a := Action{Direction: Up, Version: mig.Version, Name: mig.Name, Script: mig.Up, migration: mig}
		v := w.values(a, 0)
		if err := w.addFiles(a, v); err != nil {
			return err
		}
		v["action"], v["checksum"] = "repair", mig.Up.Checksum
		v["note"] = strings.Join(acc.What, ", ")
		if w.cfg.Note != "" {
			v["note"] = w.book.start.storable(strings.Join(acc.What, ", ") + ": " + w.cfg.Note)
		}
		m.say(w.book.sql("repair", v) + w.book.sql("log", v))
		if w.rec.Find(acc.Version).State != Applying {
			continue
		}
		a.resume(mig.Up, w.rec)
		m.say(w.moveEntries(a, v))
		for _, n := range a.fit.edited {
			v["step"], v["checksum"] = n, a.fit.checksum(n)
			m.say(w.book.sql("repair_step", v))
		}
	}
	w.report.Accepted = todo
	return w.write(ctx, m)
}
