package runner

import (
	"context"
	"database/sql/driver"
	"io/fs"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
)

// What a directory of migrations is, from the files down to their statements.
// Reading it is pure: no database is asked.
type (
	// Directory is the Migrations in order of version; the Problems of their files, the
	// Warnings, and what is Skipped because of its name.
	Directory = files.Directory
	// Source is one directory of migrations: FS, and as Label its path as the user gave it.
	Source = files.Source
	// Migration is one version: its Version and Name, its Up and its Down. Down is nil
	// where there is no such file.
	Migration = files.Migration
	// Version is a migration's number in decimal digits, of any width.
	Version = files.Version
	// FileName is what the name of a migration's file says: its Digits, the Version and
	// the Direction, and the Name between them.
	FileName = files.FileName
	// Direction is the way a migration runs.
	Direction = files.Direction
	// Script is one file, split, checked and grouped into Steps: its Path and Checksum,
	// what its directives say, and by methods its Text, Mode and Statements.
	Script = files.Script
	// Mode is how a file runs.
	Mode = files.Mode
	// Step is what runs and is checkpointed as one: the statements from First to before
	// Last; the Verb that PostgreSQL refuses in a transaction, or the Batch.
	Step = files.Step
	// StepOutline is what a plan shows of a step: its Line, the first Statement and how
	// many Statements there are.
	StepOutline = files.StepOutline
	// Statement is one statement of a script, for those who run it elsewhere.
	Statement = files.Statement
	// Allow is one `-- rung:allow ID reason`.
	Allow = files.Allow
	// Batch is what a `-- rung:batch` says.
	Batch = files.Batch
	// BatchOptions say how a backfill goes over its key: the Rows of the first batch, the
	// Target of time, Workers, Pause, MaxLag and Vacuum.
	BatchOptions = files.BatchOptions
	// Problem is something wrong in the directory: File, Line and Col, What it is, and
	// the Fix.
	Problem = files.Problem
	// BadFilesError is the error for files that cannot be run: all their Problems.
	BadFilesError = files.BadFilesError
	// HintedError is an error, Err, with something that the user can do about it, Hint.
	HintedError = files.HintedError
	// ChangedError is a File that changed while the run was under way. Standing says which
	// changes were applied.
	ChangedError = files.ChangedError
)

// Progress is how far a backfill is: the Version, Direction and Step that it is of; its
// Batches; the Keys that were walked over, of about Total, and the Rows that were changed;
// the Rate in keys per second, and the Size of the next batch; whether it is Paused and By
// whom; and a Note of what is odd about the numbers. ETA is the time that the rest will take.
type Progress = backfill.Progress

// Up applies, Down reverts.
const (
	Up   = files.Up
	Down = files.Down
)

// A transactional file is one transaction that its record is part of; a
// stepwise file is a transaction or a statement at a time, each checkpointed.
const (
	Transactional = files.Transactional
	Stepwise      = files.Stepwise
)

// VacuumOff is the Vacuum of BatchOptions that has none.
const VacuumOff = files.VacuumOff

// ErrEmpty is in the error for a directory without migrations.
var ErrEmpty = files.ErrEmpty

// Load reads every migration file at the root of fsys. Label is put before file
// names in messages. What is wrong with the files goes to the directory's
// Problems; the error is a *BadFilesError too, of a directory that cannot be read.
func Load(fsys fs.FS, label string) (*Directory, error) { return files.Load(fsys, label) }

// LoadAll reads several directories as one order of versions, and where that is
// asked for their sub-folders with them.
func LoadAll(sources []Source, recursive bool) (*Directory, error) {
	return files.LoadAll(sources, recursive)
}

// CheckText reads the text of a file as Load would, and returns what is wrong
// with it and how many statements it has. Shown is the file in the problems.
func CheckText(shown, text string) (problems []Problem, statements int) {
	return files.CheckText(shown, text)
}

// ParseFileName reads the name of a file. Ok is false for one that is not run.
func ParseFileName(name string) (n FileName, ok bool) { return files.ParseFileName(name) }

// ParseVersion reads decimal digits. It refuses anything else.
func ParseVersion(s string) (Version, error) { return files.ParseVersion(s) }

// ParseDuration reads a time as PostgreSQL writes it in its configuration (500ms,
// 2s, 10min, 1h, 1d) or as Go does (1m30s). 0 and "off" mean none.
func ParseDuration(s string) (time.Duration, error) { return files.ParseDuration(s) }

// Directives are the names of those that a file may hold, in order: batch for
// `-- rung:batch`.
func Directives() []string { return files.Directives() }

// CopyStatement runs statement i of a script, a COPY … FROM STDIN, with its data block.
func CopyStatement(ctx context.Context, s *Script, c driver.Conn, i int) error {
	return exec.CopyStatement(ctx, s, c, i)
}
