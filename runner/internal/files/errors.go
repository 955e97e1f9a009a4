package files

import (
	"errors"
)

// The errors of this package, one for each way to end. BadFilesError (problem.go)
// is for a directory that cannot run.

// ErrEmpty is returned where there is nothing to run or to compare.
var ErrEmpty = errors.New("no migration files")

// HintedError is an error with what the user can do about it.
type HintedError struct {
	Err  error
	Hint string
}

func (e *HintedError) Error() string { return e.Err.Error() }

func (e *HintedError) Unwrap() error { return e.Err }

// ChangedError is a file that is no longer the one that was planned.
type ChangedError struct {
	File string
	// Standing is the one line that says what is and is not in place now, or "".
	Standing string
	Err      error
}

func (e *ChangedError) Error() string {
	if e.Standing == "" {
		return e.File + " changed since it was planned"
	}
	return e.File + " changed since it was planned: " + e.Standing
}

func (e *ChangedError) Unwrap() error { return e.Err }
