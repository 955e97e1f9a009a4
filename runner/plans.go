package runner

import "rung/runner/internal/plan"

// What is decided from the directory and the history alone, before anything
// runs. Deciding is pure: no database is asked.
type (
	// Request is what the user wants done: To is the version to stop at, inclusive for
	// up, exclusive for down ("0" reverts all), and Steps the most migrations to run; the
	// zero value is all for up, and one for down. AllowOutOfOrder accepts pending files
	// below the highest applied version, and Strict refuses at any finding. BesideOther,
	// NoBatches and Inline are for up; DownFrom, NoRecorded and Run for down.
	Request = plan.Request
	// DownSource says which SQL a down runs where the recorded one and the file differ:
	// FromRecorded or FromFile; "" refuses.
	DownSource = plan.DownSource
	// Plan is what a run would do: its Direction and Actions, the Warnings that do not
	// stop it, the migrations that are Waiting for others, and a Hash of it all.
	Plan = plan.Plan
	// Action is one migration that a plan runs: its Direction, Version and Name, the
	// Script, and the FirstStep where an earlier run has left it in part.
	Action = plan.Action
	// AppliedRow is the history's row of one version: its Version and Name, its State,
	// the checksums, who has applied it and when.
	AppliedRow = plan.AppliedRow
	// State is what the history says of a version.
	State = plan.State
	// StatusRow is one version in Status: its Version, Title and Name; the State, which
	// is the history's or "pending"; Missing where the directory lacks its file; the Mode,
	// the Steps and StepsDone; and AppliedAt, AppliedBy and Duration.
	StatusRow = plan.StatusRow
	// Accepted is a migration that was recorded without running: its Version, Title and
	// Name, and What the history now says of it.
	Accepted = plan.Accepted
	// Finding is one difference between history and directory: its Kind, the Version,
	// Name and File that it is of, What is so, the Fix, and a Diff where there is one.
	Finding = plan.Finding
	// FindingKind is a way in which history and directory differ.
	FindingKind = plan.FindingKind
	// RefusalError is something that cannot be done as asked: the Reason, a Hint, and
	// Each reason where there are several.
	RefusalError = plan.RefusalError
	// DisagreementError says that history and directory differ in a way that stops the
	// command. It has the Findings.
	DisagreementError = plan.DisagreementError
)

// Which SQL a down runs.
const (
	FromRecorded = plan.FromRecorded // what the history has kept
	FromFile     = plan.FromFile
)

// A version without a row is not applied.
const (
	Applying     = plan.Applying   // in part: some steps of its up file ran
	InBackground = plan.Background // in place but for its background backfill, which is registered
	Applied      = plan.Applied    // in place
	Reverting    = plan.Reverting  // in part: some steps of its down file ran
)

// The kinds of finding. Which of them stop a command is that command's rule.
const (
	EditedUp     = plan.EditedUp     // the up file changed after it ran
	EditedDown   = plan.EditedDown   // the down file changed after it was recorded
	EditedStep   = plan.EditedStep   // a half-run file changed above the point it got to
	Renamed      = plan.Renamed      // same version, another name
	Missing      = plan.Missing      // applied, and not in the directory
	OutOfOrder   = plan.OutOfOrder   // pending below the highest applied version
	HalfApplied  = plan.HalfApplied  // some steps of the up file ran
	HalfReverted = plan.HalfReverted // some steps of the down file ran
	Foreign      = plan.Foreign      // the history tables are not as rung makes them
	OtherHistory = plan.OtherHistory // another tool's history, or tables without one, and none of rung's
	OtherFailed  = plan.OtherFailed  // another tool's history says that it stopped in the middle
	OtherNoFile  = plan.OtherNoFile  // another tool's history has a version without a file
	OtherNoRow   = plan.OtherNoRow   // a file below the newest version of another tool's history, which has it not
	OtherUndone  = plan.OtherUndone  // adopted, and the other tool has reverted it since
	OtherUnclear = plan.OtherUnclear // which file another tool's history means cannot be told
	OtherPlan    = plan.OtherPlan    // not the plan that --plan-hash insists on
	AddedDown    = plan.AddedDown    // the down file was written after its version was applied
	Tampered     = plan.Tampered     // the history tables hold another SQL than was recorded
)
