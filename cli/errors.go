package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// usage is a command line that cannot be understood.
type usage struct {
	err  error
	hint string
}

func (u *usage) Error() string { return u.err.Error() }
func (u *usage) Unwrap() error { return u.err }

// usagef makes one, with what to do about it.
func usagef(hint, format string, args ...any) error {
	return &usage{err: fmt.Errorf(format, args...), hint: hint}
}

// errPending is the end of a command that leaves work to be done.
var errPending = errors.New("work is pending")

// errFound is the end of a command that looked for something, and found it.
var errFound = errors.New("the report says what differs")

// signalError is why the context of a run ended.
type signalError struct{ sig os.Signal }

func (e *signalError) Error() string {
	name := map[os.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP"}[e.sig]
	return "stopped by " + cmp.Or(name, e.sig.String())
}

// childStatus is the exit status of a command that ran in the sandbox; rung
// exits with the same.
type childStatus struct {
	command string
	status  int
	err     error // why it could not be run
}

func (e *childStatus) Error() string {
	if e.err != nil {
		return fmt.Sprintf("run %v", strings.TrimPrefix(e.err.Error(), "exec: "))
	}
	return fmt.Sprintf("%s exited with status %d", e.command, e.status)
}

// programError is what another program says of its failure: the first line, and
// the others as the detail.
type programError struct{ program, first, others string }

func (e *programError) Error() string { return e.program + ": " + e.first }

// fleetError is that some targets failed, or were not begun.
type fleetError struct {
	what, hint string
	code       int
	cause      error
}

func (e *fleetError) Error() string { return e.what }
func (e *fleetError) Unwrap() error { return e.cause }
