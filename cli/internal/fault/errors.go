// Package fault is how a command ends that did not reach its goal: its errors, their
// exit codes and hints, and what a person and a program are told of them.
package fault

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// UsageError is a command line that cannot be understood.
type UsageError struct {
	Err  error
	Hint string
}

func (u *UsageError) Error() string { return u.Err.Error() }
func (u *UsageError) Unwrap() error { return u.Err }

// Usagef makes one, with what to do about it.
func Usagef(hint, format string, args ...any) error {
	return &UsageError{Err: fmt.Errorf(format, args...), Hint: hint}
}

// ErrPending is the end of a command that leaves work to be done.
var ErrPending = errors.New("work is pending")

// ErrFound is the end of a command that looked for something, and found it.
var ErrFound = errors.New("see the report")

// SignalError is why the context of a run ended.
type SignalError struct{ Sig os.Signal }

func (e *SignalError) Error() string {
	name := map[os.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP"}[e.Sig]
	return "stopped by " + cmp.Or(name, e.Sig.String())
}

// ChildError is the exit status of a command that ran in the sandbox; rung
// exits with the same.
type ChildError struct {
	Command string
	Status  int
	Err     error // why it could not be run
}

func (e *ChildError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("run %v", strings.TrimPrefix(e.Err.Error(), "exec: "))
	}
	return fmt.Sprintf("%s exited with status %d", e.Command, e.Status)
}

// ProgramError is what another program says of its failure: the first line, and
// the others as the detail.
type ProgramError struct{ Program, First, Others string }

func (e *ProgramError) Error() string { return e.Program + ": " + e.First }

// FleetError is that some targets failed, or were not begun.
type FleetError struct {
	What, Hint string
	Code       int
	Cause      error
}

func (e *FleetError) Error() string { return e.What }
func (e *FleetError) Unwrap() error { return e.Cause }
