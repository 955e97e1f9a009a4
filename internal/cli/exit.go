package cli

import (
	"errors"
	"syscall"

	"rung/runner"
)

// The exit codes, DESIGN §6.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitDisagree    = 3
	exitLock        = 4
	exitUnreachable = 5
	exitPending     = 6
	exitSignal      = 128 // and the signal's number
)

const exitStatus = `
EXIT STATUS:
   0        done
   1        a migration failed
   2        usage, or bad files
   3        record and directory disagree
   4        the runner's lock was not had in time
   5        the database cannot be reached
   6        work is pending (only where asked)
   130/143  stopped by SIGINT / SIGTERM
`

// kindOf names an error for JSON, and gives its exit code: the one place where
// errors become codes.
func kindOf(err error) (kind string, code int) {
	var (
		sig       *signalError
		bad       *runner.BadFiles
		refusal   *runner.Refusal
		disagree  *runner.Disagreement
		lock      *runner.LockTimeoutError
		unreach   *runner.Unreachable
		use       *usage
		child     *childStatus
		statement *runner.StatementError
	)
	switch {
	case err == nil:
		return "", exitDone
	case errors.As(err, &sig):
		if s, ok := sig.sig.(syscall.Signal); ok {
			return "stopped", exitSignal + int(s)
		}
		return "stopped", exitFailed
	case errors.As(err, &child):
		return "command", child.status
	case errors.As(err, &statement):
		return "statement", exitFailed
	case errors.As(err, &bad):
		return "bad-files", exitUsage
	case errors.As(err, &refusal), errors.Is(err, runner.ErrEmpty):
		return "refused", exitUsage
	case errors.As(err, &use):
		return "usage", exitUsage
	case errors.As(err, &disagree):
		return "disagreement", exitDisagree
	case errors.As(err, &lock):
		return "lock", exitLock
	case errors.As(err, &unreach):
		return "unreachable", exitUnreachable
	case errors.Is(err, errPending):
		return "pending", exitPending
	}
	return "failed", exitFailed
}

func exitCode(err error) int {
	_, code := kindOf(err)
	return code
}
