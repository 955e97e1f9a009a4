package plan

import (
	"slices"

	"rung/runner/internal/files"
)

// Accepted is a version that baseline or repair wrote down without running it.
type Accepted struct {
	Version files.Version
	Title   string
	Name    string
	// What is what the history now says: "baseline", or the findings that
	// repair settled.
	What []string
}

// Repairs are the findings that accepting the files settles, by version. It
// refuses with *DisagreementError where accepting would not help, or would do harm.
func Repairs(d *files.Directory, r *Record, only []files.Version) (todo []Accepted, err error) {
	var fatal []Finding
	found := append(Compare(d, r), addedDowns(d, r)...)
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
			fit := fitSteps(d.Find(f.Version).Up, f.Version, f.Name, files.Up, r)
			if why := fit.unacceptable(); why != "" {
				f.What, f.Fix = why, "restore what ran, or revert the migration with `rung down` first"
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
		return nil, &DisagreementError{fatal}
	}
	return todo, unacceptable(d, todo)
}

// unacceptable is what is wrong with the files that repair would accept: what
// cannot run is no reason to forget what ran.
func unacceptable(d *files.Directory, todo []Accepted) error {
	var bad []files.Problem
	for _, acc := range todo {
		m := d.Find(acc.Version)
		bad = append(bad, m.Taken...)
		for _, s := range []*files.Script{m.Up, m.Down} {
			if s != nil {
				bad = append(bad, s.Problems...)
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	files.SortProblems(bad)
	return &files.BadFilesError{Problems: bad}
}

// addedDowns are the down files that were written after their versions were
// applied. To every command but repair they are no difference.
func addedDowns(d *files.Directory, r *Record) (found []Finding) {
	for _, row := range r.Rows {
		if m := d.Find(row.Version); m != nil && m.Up != nil && m.Down != nil && row.DownChecksum == nil {
			found = append(found, Finding{Kind: AddedDown, Version: row.Version, Name: row.Name, File: m.Down.Path, What: "was written after its version was applied", Fix: "`rung repair` records it"})
		}
	}
	return found
}
