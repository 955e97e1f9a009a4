// Package plan decides what a run does, from the files and the history alone:
// files × history → plan. It is pure: it knows no database.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"rung/internal/english"
	"rung/runner/internal/files"
)

// DownSource says which SQL a down runs where the recorded one and the file differ.
type DownSource string

const (
	FromRecorded DownSource = "recorded"
	FromFile     DownSource = "file"
)

// Request is what the user wants done.
type Request struct {
	// To is the version to stop at, inclusive for up, exclusive for down
	// ("0": revert all). Defaults to no bound.
	To *files.Version
	// Steps is the most migrations to run. Defaults to all for up, one for down
	// (unless To is set).
	Steps int
	// AllowOutOfOrder accepts pending files below the highest applied version.
	AllowOutOfOrder bool
	// Strict makes every finding a reason to refuse.
	Strict bool
	// BesideOther lets the first up run in a database that has another tool's
	// history, or what the first file would create.
	BesideOther bool
	// NoBatches stops before the first migration that has a batch to run.
	NoBatches bool
	// Inline runs background backfills where they stand, as though no file said
	// `-- rung:background` or `-- rung:requires`.
	Inline bool
	// DownFrom decides, for down, between the recorded SQL and the file where
	// they differ. Defaults to refusing that.
	DownFrom DownSource
	// NoRecorded never runs SQL that the history tables hold.
	NoRecorded bool
	// Run makes down revert exactly what the run of that name applied. Defaults
	// to none.
	Run string
}

// Action is one migration that a plan runs.
type Action struct {
	Direction files.Direction
	Version   files.Version
	Name      string
	// Script is what runs. It is nil, until the runner has read it, where
	// FromRecord says that the recorded down SQL is used.
	Script     *files.Script
	FromRecord bool
	// FirstStep is the index of the first step to run: above 0 in a migration
	// that an earlier run left in part.
	FirstStep int
	// Resumed is true where the history has the migration in part.
	Resumed bool
	// FirstState is "started" or "failed" where an earlier run got no further
	// than that with FirstStep.
	FirstState string

	// Work is true of what `rung work` runs: the rest of a background file, from its
	// first batch on. Inline is true where up runs that too, and registers nothing.
	Work, Inline bool
	// Rows is about how many rows the backfill has that an up is to register, where a
	// plan that only shows it has asked; 0 where that is not known.
	Rows int64
	// After are background versions of the same plan that the file requires: it waits
	// where one of them is registered, and not where up finishes it at once.
	After []files.Version

	FileOnly  bool             // nothing that the history tables hold may run
	Below     *files.Version   // the newest in place that an up goes on top of; nil for none
	Expects   *string          // see Record; set in the first action
	Migration *files.Migration // what the history keeps of the directory; nil for a missing one
	Row       *AppliedRow      // what the history has; nil for a new one
	Fit       *Fit             // how the history matches the script; nil where nothing ran
}

// Plan is what a run would do, decided from directory and history alone.
type Plan struct {
	Direction files.Direction
	Actions   []Action
	// Warnings are the findings that do not stop the run.
	Warnings []Finding
	// DirectoryWarnings are those of the directory that the history does not answer.
	DirectoryWarnings []files.Problem
	// Waiting are the pending migrations that are left behind: the first one has a
	// batch to run, where NoBatches asks for that, or requires background backfills
	// that are not done, which WaitsFor names; the others come after it.
	Waiting  []*files.Migration
	WaitsFor []files.Version
	// Hash stands for the versions, their files and their modes. It stays the
	// same when an interrupted run goes on. It is "" when there is nothing to do.
	Hash string
}

// PlanUp decides what up runs. It refuses with *DisagreementError or *RefusalError.
func PlanUp(d *files.Directory, r *Record, req Request) (*Plan, error) {
	if req.To != nil && d.Find(*req.To) == nil && r.Find(*req.To) == nil {
		return nil, &RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", *req.To, d.Label), Hint: "`rung status` lists them"}
	}
	p := &Plan{Direction: files.Up}
	var bad []files.Problem
	for _, m := range d.Migrations {
		row := r.Find(m.Version)
		if m.Up == nil || row != nil && row.State != Applying {
			if row != nil {
				bad = append(bad, m.Unclear()...)
			}
			continue
		}
		if req.To != nil && m.Version.Compare(*req.To) > 0 || req.Steps > 0 && len(p.Actions)+len(p.Waiting) == req.Steps {
			break
		}
		a := ActionOf(files.Up, m, row, m.Up, r)
		a.Inline = req.Inline
		if len(p.Waiting) > 0 || req.NoBatches && a.batches() && !a.Registers() || !req.Inline && p.waits(&a, r) {
			p.Waiting = append(p.Waiting, m)
			continue
		}
		p.Actions = append(p.Actions, a)
	}
	if err := p.BadFilesError(bad); err != nil {
		return nil, err
	}
	var fatal []Finding
	for _, f := range Compare(d, r) {
		switch {
		case f.Kind == OutOfOrder && !p.runs(f.Version):
			// It stays pending: not this run's business.
		case stopsUp(f, len(p.Actions) > 0, req), f.Kind == Missing && r.Find(f.Version).State == Applying:
			if f.Kind == Missing && len(p.Actions) > 0 && r.Find(f.Version).State != Applying {
				f.What = fmt.Sprintf("%s is %s in the database and missing in %s, which has %s pending: the two have diverged",
					d.Title(f.Version, f.Name), r.Find(f.Version).State, d.Label, english.Count(len(p.Actions), "migration"))
			}
			fatal = append(fatal, f)
		default:
			p.Warnings = append(p.Warnings, f)
		}
	}
	if len(fatal) > 0 {
		return nil, &DisagreementError{fatal}
	}
	p.Hash = hashOf(p.Actions)
	p.stack(r)
	return p, nil
}

// stack notes what each action goes on top of.
func (p *Plan) stack(r *Record) {
	var newest *files.Version
	if n := len(r.Rows); n > 0 {
		newest = &r.Rows[n-1].Version
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		a.Below = newest
		if newest == nil || newest.Compare(a.Version) < 0 {
			newest = &a.Version
		}
		if i == 0 {
			a.Expects = r.Expects
		}
	}
}

// BadFilesError is what is wrong with the files that the plan would run. Some of it
// shows only where a file was taken apart to go on: there a savepoint, for one,
// stands alone. More is wrong besides.
func (p *Plan) BadFilesError(more []files.Problem) error {
	all := more
	for _, a := range p.Actions {
		if a.Direction == files.Up && a.Migration != nil {
			all = append(all, a.Migration.Taken...)
		}
		if a.Script != nil {
			all = append(all, a.Script.Problems...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	files.SortProblems(all)
	return &files.BadFilesError{Problems: all}
}

// batches reports whether a step that is still to run goes in batches.
func (a Action) batches() bool {
	return slices.ContainsFunc(a.Script.Steps[min(a.FirstStep, len(a.Script.Steps)):], func(s files.Step) bool { return s.Batch != nil })
}

func (p *Plan) runs(v files.Version) bool {
	return slices.ContainsFunc(p.Actions, func(a Action) bool { return a.Version == v })
}

// stopsUp reports whether a finding is a reason for up to refuse.
func stopsUp(f Finding, pending bool, req Request) bool {
	switch f.Kind {
	case HalfApplied:
		return false
	case EditedUp, EditedStep, HalfReverted:
		return true
	case OutOfOrder:
		return !req.AllowOutOfOrder
	case Missing:
		return pending || req.Strict
	default:
		return req.Strict
	}
}

// ActionOf is the run of one migration, from where the history has it.
func ActionOf(dir files.Direction, m *files.Migration, row *AppliedRow, s *files.Script, r *Record) Action {
	a := Action{Direction: dir, Script: s, Migration: m, Row: row}
	if m != nil {
		a.Version, a.Name = m.Version, m.Name
	} else {
		a.Version, a.Name = row.Version, row.Name
	}
	if row == nil || !a.inPart(row.State) {
		return a
	}
	a.Resumed, a.Work = true, row.State == Background
	if s != nil {
		a.Resume(s, r)
	}
	return a
}

// Resume finds the step where the script goes on.
func (a *Action) Resume(s *files.Script, r *Record) {
	f := fitSteps(s, a.Version, a.Name, a.Direction, r)
	a.Fit, a.Script = &f, f.script
	a.FirstStep, a.FirstState = f.done, f.Rows[f.done+1].State
}

// PlanDown decides what down runs: the newest migrations first. It refuses
// with *DisagreementError or *RefusalError before anything runs.
func PlanDown(d *files.Directory, r *Record, req Request) (*Plan, error) {
	if req.To != nil && *req.To != "0" && r.Find(*req.To) == nil {
		return nil, &RefusalError{Reason: fmt.Sprintf("version %s is not applied, so down cannot stop there", *req.To), Hint: "`rung status` lists what is; 0 reverts all"}
	}
	steps := req.Steps
	switch {
	case req.Run != "":
		var err error
		if steps, err = r.topOf(d, req.Run); err != nil {
			return nil, err
		}
		if steps == 0 {
			return &Plan{Direction: files.Down}, nil
		}
	case steps == 0 && req.To == nil:
		steps = 1
	}
	p := &Plan{Direction: files.Down}
	var stop Obstacles
	for i := len(r.Rows) - 1; i >= 0; i-- {
		row := &r.Rows[i]
		if req.To != nil && *req.To != "0" && row.Version.Compare(*req.To) <= 0 || steps > 0 && len(p.Actions) == steps {
			break
		}
		a, err := DownAction(d, r, row, req)
		stop.Add(a, err)
		if i > 0 {
			a.Below = &r.Rows[i-1].Version // for a redo
		}
		p.Actions = append(p.Actions, a)
	}
	if err := stop.Err(); err != nil {
		return p, err
	}
	if err := p.BadFilesError(nil); err != nil {
		return nil, err
	}
	p.Hash = hashOf(p.Actions)
	return p, nil
}

// DownAction chooses between the file and the recorded SQL, and refuses what
// cannot be reverted.
func DownAction(d *files.Directory, r *Record, row *AppliedRow, req Request) (Action, error) {
	m := d.Find(row.Version)
	var file *files.Script
	if m != nil {
		file = m.Down
	}
	a := ActionOf(files.Down, m, row, file, r)
	a.Name, a.FileOnly = row.Name, req.NoRecorded
	recorded := row.HasDownSQL
	switch {
	case file == nil && recorded && req.NoRecorded:
		return a, &RefusalError{
			Reason: fmt.Sprintf("%s has no down file, and --no-recorded forbids running its recorded SQL", d.Title(row.Version, row.Name)),
			Hint:   fmt.Sprintf("add the reviewed %s.down.sql, or omit --no-recorded", d.PathOf(row.Version, row.Name)),
		}
	case file == nil && !recorded && row.DownChecksum != nil:
		return a, &RefusalError{
			Reason: fmt.Sprintf("%s has no down file, and the history has only its checksum, because it says `-- rung:secret`", d.Title(row.Version, row.Name)),
			Hint:   fmt.Sprintf("add the %s.down.sql that was recorded", d.PathOf(row.Version, row.Name)),
		}
	case file == nil && !recorded:
		return a, &RefusalError{Reason: fmt.Sprintf("%s has no down file, and none was recorded", d.Title(row.Version, row.Name)), Hint: fmt.Sprintf("write %s.down.sql", d.PathOf(row.Version, row.Name))}
	case file == nil || recorded && req.DownFrom == FromRecorded:
		a.Script, a.FromRecord = nil, true
	case row.DownChecksum != nil && !file.Unread && file.Checksum != *row.DownChecksum && req.DownFrom != FromFile:
		return a, &DisagreementError{[]Finding{editedDown(m, row)}}
	}
	if !a.FromRecord {
		return a, CheckDown(a)
	}
	return a, nil
}

// CheckDown refuses a down script that says so itself, or whose head has run
// in another form. It is also called for a recorded script once it is read.
func CheckDown(a Action) error {
	if a.Script.Irreversible != "" {
		return &RefusalError{Reason: fmt.Sprintf("%s is irreversible: %s", a.Script.Path, a.Script.Irreversible), Hint: "put right what it did by a new migration"}
	}
	if a.Fit != nil {
		if f, ok := a.Fit.RefusalError(); ok {
			return &DisagreementError{[]Finding{f}}
		}
	}
	return nil
}

func hashOf(actions []Action) string {
	if len(actions) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, a := range actions {
		if a.Script == nil {
			var checksum string // none where somebody wrote the table by hand
			if a.Row.DownChecksum != nil {
				checksum = *a.Row.DownChecksum
			}
			fmt.Fprintf(sum, "%s %s recorded %s\n", a.Direction, a.Version, checksum)
			continue
		}
		fmt.Fprintf(sum, "%s %s %s %s\n", a.Direction, a.Version, a.Script.ReviewedMode(), a.Script.Checksum)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Travels reports whether an action may share a message: a whole file as one
// transaction of the usual kind, without data that is streamed.
func (a Action) Travels() bool {
	s := a.Script
	if _, asks := s.KindOfTransaction(); asks || a.Resumed || s.Mode() != files.Transactional {
		return false
	}
	for i := range s.Parsed.Statements {
		if s.Parsed.Statements[i].Data != nil {
			return false
		}
	}
	return true
}
