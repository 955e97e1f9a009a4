package plan

import (
	"fmt"

	"rung/runner/internal/files"
)

// FindingKind is a way in which history and directory differ.
type FindingKind string

// The kinds of finding. Which of them stop a command is that command's rule.
const (
	EditedUp     FindingKind = "edited-up"     // the up file changed after it ran
	EditedDown   FindingKind = "edited-down"   // the down file changed after it was recorded
	EditedStep   FindingKind = "edited-step"   // a half-run file changed above the point it got to
	Renamed      FindingKind = "renamed"       // same version, another name
	Missing      FindingKind = "missing"       // applied, and not in the directory
	OutOfOrder   FindingKind = "out-of-order"  // pending below the highest applied version
	HalfApplied  FindingKind = "half-applied"  // some steps of the up file ran
	HalfReverted FindingKind = "half-reverted" // some steps of the down file ran
	Foreign      FindingKind = "foreign"       // the history tables are not as rung makes them
	OtherHistory FindingKind = "other-history" // another tool's history, or tables without one, and none of rung's
	OtherFailed  FindingKind = "other-failed"  // another tool's history says that it stopped in the middle
	OtherNoFile  FindingKind = "other-no-file" // another tool's history has a version without a file
	OtherNoRow   FindingKind = "other-no-row"  // a file below the newest version of another tool's history, which has it not
	OtherUndone  FindingKind = "other-undone"  // adopted, and the other tool has reverted it since
	OtherUnclear FindingKind = "other-unclear" // which file another tool's history means cannot be told
	OtherPlan    FindingKind = "other-plan"    // not the plan that --plan-hash insists on
	AddedDown    FindingKind = "added-down"    // the down file was written after its version was applied
	Tampered     FindingKind = "tampered"      // the history tables hold another SQL than was recorded
)

// Finding is one difference between history and directory.
type Finding struct {
	Kind    FindingKind   `json:"kind"`
	Version files.Version `json:"version"`
	Name    string        `json:"name"`
	File    string        `json:"file,omitempty"`
	What    string        `json:"what"`
	Fix     string        `json:"fix,omitempty"`
	// Diff is a unified diff from the recorded SQL to the file, if the history
	// has that SQL.
	Diff string `json:"diff,omitempty"`
}

// String is the finding on one line.
func (f Finding) String() string {
	s := f.What
	if f.File != "" {
		s = f.File + ": " + s
	}
	if f.Fix != "" {
		s += "; " + f.Fix
	}
	return s
}

// Compare lists every difference between directory and history, in order of
// version. It decides nothing.
func Compare(d *files.Directory, r *Record) []Finding {
	var fs []Finding
	for i := range r.Rows {
		row := &r.Rows[i]
		m := d.Find(row.Version)
		fs = append(fs, partFindings(d, row, r)...)
		if m == nil || m.Up == nil {
			fs = append(fs, missing(d, row, r))
			continue
		}
		fs = append(fs, fileFindings(row, m)...)
	}
	return append(fs, outOfOrder(d, r)...)
}

// missing is a version without its up file.
func missing(d *files.Directory, row *AppliedRow, r *Record) Finding {
	what := string(row.State) + " in the database"
	fix := "deploy the directory that has it"
	switch row.State {
	case Background:
		what = "applied in the database but for its background backfill"
		fix += ", so that `rung work` can resume it"
	case Applying:
		what = "applied in part: " + ranOnRecord(r, row.Version, files.Up)
		fix = "restore its file, so that `rung up` can resume it"
	}
	if row.HasDownSQL {
		fix += ", or revert it with `rung down`: the down SQL is recorded"
	}
	return Finding{
		Kind: Missing, Version: row.Version, Name: row.Name,
		What: fmt.Sprintf("%s is %s, and %s has no file for it", d.Title(row.Version, row.Name), what, d.Label),
		Fix:  fix,
	}
}

func partFindings(d *files.Directory, row *AppliedRow, r *Record) []Finding {
	m, title := d.Find(row.Version), d.Title(row.Version, row.Name)
	switch row.State {
	case Applying:
		if m == nil || m.Up == nil {
			return nil // it is missing
		}
		fit := fitSteps(m.Up, row.Version, row.Name, files.Up, r)
		f := Finding{
			Kind: HalfApplied, Version: row.Version, Name: row.Name, File: m.Up.Path,
			What: "is applied in part: " + fit.ran(),
			Fix:  "`rung up` resumes there",
		}
		if e, ok := fit.RefusalError(); ok {
			return []Finding{f, e}
		}
		return []Finding{f}
	case Background:
		if m == nil || m.Up == nil {
			return nil
		}
		fit := fitSteps(m.Up, row.Version, row.Name, files.Up, r)
		if e, ok := fit.RefusalError(); ok {
			return []Finding{e}
		}
	case Reverting:
		return []Finding{{
			Kind: HalfReverted, Version: row.Version, Name: row.Name,
			What: title + " is reverted in part: of its down file " + ranOnRecord(r, row.Version, files.Down),
			Fix:  "`rung down` resumes there",
		}}
	}
	return nil
}

func fileFindings(row *AppliedRow, m *files.Migration) []Finding {
	var fs []Finding
	// Of one in part, the steps tell.
	whole := row.State != Applying && row.State != Background
	edited, renamed := whole && !m.Up.Unread && !m.UpIs(row.UpChecksum), m.Name != row.Name && len(m.Others) == 0
	if edited && renamed {
		fs = append(fs, Finding{
			Kind: EditedUp, Version: row.Version, Name: row.Name, File: m.Up.Path,
			What: fmt.Sprintf("is not what ran as %s_%s: name and content differ", row.Version, row.Name),
			Fix:  "if another directory uses this history, give each its own with --history-schema; otherwise restore the file, or accept the change with `rung repair`",
		})
	}
	if edited && !renamed {
		fs = append(fs, Finding{
			Kind: EditedUp, Version: row.Version, Name: row.Name, File: m.Up.Path,
			What: "was edited after it ran",
			Fix:  "restore the file and write a new migration; if the change has no effect, `rung repair` accepts it",
		})
	}
	if row.DownChecksum != nil && m.Down != nil && !m.Down.Unread && m.Down.Checksum != *row.DownChecksum {
		fs = append(fs, editedDown(m, row))
	}
	if renamed && !edited {
		fs = append(fs, Finding{
			Kind: Renamed, Version: row.Version, Name: row.Name, File: m.Up.Path,
			What: "was " + string(row.Version) + "_" + row.Name + " when it ran",
			Fix:  "`rung repair` records the new name",
		})
	}
	return fs
}

func editedDown(m *files.Migration, row *AppliedRow) Finding {
	return Finding{
		Kind: EditedDown, Version: row.Version, Name: row.Name, File: m.Down.Path,
		What: "differs from the down SQL that was recorded when the version was applied",
		Fix:  "`rung repair` records the new one; `rung down` takes --recorded or --file",
	}
}

func DoneSteps(r *Record, v files.Version, dir files.Direction) int {
	n := 0
	for r.Steps[StepKey{v, dir, n + 1}].State == "done" {
		n++
	}
	return n
}

func outOfOrder(d *files.Directory, r *Record) []Finding {
	if len(r.Rows) == 0 {
		return nil
	}
	highest := r.Rows[len(r.Rows)-1]
	var fs []Finding
	for _, m := range d.Migrations {
		if m.Up == nil || r.Find(m.Version) != nil || m.Version.Compare(highest.Version) > 0 {
			continue
		}
		fs = append(fs, Finding{
			Kind: OutOfOrder, Version: m.Version, Name: m.Name, File: m.Up.Path,
			What: fmt.Sprintf("is pending below %s, which is applied", d.Title(highest.Version, highest.Name)),
			Fix:  "give it a higher version, or run it anyway with --allow-out-of-order",
		})
	}
	return fs
}
