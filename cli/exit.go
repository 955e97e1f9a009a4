package cli

import (
	"errors"
	"strconv"
	"syscall"

	"rung/runner"
	"rung/templates"
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
	exitFound       = 7
	exitSignal      = 128 // and the signal's number
	exitCrash       = 134 // by SIGABRT: see main
)

// exitText says what a code means, for the help.
var exitText = map[int]string{
	exitDone:        "done",
	exitFailed:      "a migration failed, or an error without a code of its own",
	exitUsage:       "usage, or bad files",
	exitDisagree:    "history and directory disagree, or the history tables are damaged",
	exitLock:        "timed out waiting for the migration lock",
	exitUnreachable: "the database cannot be reached",
	exitPending:     "work is pending: status --exit-code, up --no-batches",
	exitFound:       "verify, review or up --review found something, or import --check",
	exitCrash:       "rung itself crashed: please report what it printed",
	exitSignal:      "stopped by SIGHUP / SIGINT / SIGTERM",
}

// exitsOf are the codes of each command; "" is rung as a whole.
var exitsOf = map[string][]int{
	"":           {0, 1, 2, 3, 4, 5, 6, 7, exitSignal, exitCrash},
	"up":         {0, 1, 2, 3, 4, 5, 6, 7, exitSignal},
	"down":       {0, 1, 2, 3, 4, 5, exitSignal},
	"redo":       {0, 1, 2, 3, 4, 5, exitSignal},
	"status":     {0, 1, 2, 3, 5, 6, exitSignal},
	"plan":       {0, 1, 2, 3, 5, exitSignal},
	"validate":   {0, 1, 2, 3, 5, exitSignal},
	"verify":     {0, 1, 2, 5, 7, exitSignal},
	"review":     {0, 1, 2, 3, 5, 7, exitSignal},
	"new":        {0, 1, 2, 5, exitSignal},
	"templates":  {0, 1, 2},
	"baseline":   {0, 1, 2, 3, 4, 5, exitSignal},
	"adopt":      {0, 1, 2, 3, 4, 5, exitSignal},
	"repair":     {0, 1, 2, 3, 4, 5, exitSignal},
	"history":    {0, 1, 2, 3, 5, exitSignal},
	"wait":       {0, 1, 2, 5, exitSignal},
	"dump":       {0, 1, 2, 5, exitSignal},
	"pause":      {0, 1, 2, 3, 5, exitSignal},
	"resume":     {0, 1, 2, 3, 5, exitSignal},
	"tune":       {0, 1, 2, 3, 5, exitSignal},
	"import":     {0, 1, 2, 7, exitSignal},
	"sandbox":    {0, 1, 2, exitSignal},
	"topic":      {0, 1, 2},
	"completion": {0, 1, 2},
	"man":        {0, 1, 2},
	"version":    {0, 1, 2},
}

// exitTable is the help's section on them.
func exitTable(codes []int, command string) string {
	var rows [][2]string
	for _, code := range codes {
		name := strconv.Itoa(code)
		if code == exitSignal {
			name = "129/130/143"
		}
		rows = append(rows, [2]string{name, exitText[code]})
	}
	if command == "sandbox" {
		rows = append(rows, [2]string{"other", "that of COMMAND; 127 where it is not found, 126 where it cannot be run"})
	}
	return table(rows)
}

// kindOf names an error for JSON, and gives its exit code: the one place where
// errors become codes.
func kindOf(err error) (kind string, code int) {
	var (
		sig       *signalError
		bad       *runner.BadFilesError
		refusal   *runner.RefusalError
		disagree  *runner.DisagreementError
		lock      *runner.LockTimeoutError
		unreach   *runner.UnreachableError
		use       *usage
		child     *childStatus
		statement *runner.StatementError
		mistake   *templates.Mistake
		damage    *runner.HistoryError
		behind    *runner.BehindError
		many      *fleetError
	)
	switch {
	case err == nil:
		return "", exitDone
	case errors.As(err, &sig):
		if s, ok := sig.sig.(syscall.Signal); ok {
			return "stopped", exitSignal + int(s)
		}
		return "stopped", exitFailed
	case errors.As(err, &many):
		return "fleet", many.code
	case errors.As(err, &child):
		return "command", child.status
	case errors.As(err, &statement):
		return "statement", exitFailed
	case errors.As(err, &bad):
		return "bad-files", exitUsage
	case errors.As(err, &refusal), errors.As(err, &mistake), errors.Is(err, runner.ErrEmpty):
		return "refused", exitUsage
	case errors.As(err, &use):
		return "usage", exitUsage
	case errors.As(err, &behind):
		return "behind", exitFailed
	case errors.As(err, &damage):
		return "history", exitDisagree
	case errors.As(err, &disagree):
		return "disagreement", exitDisagree
	case errors.As(err, &lock):
		return "lock", exitLock
	case errors.As(err, &unreach):
		return "unreachable", exitUnreachable
	case errors.Is(err, errFound):
		return "found", exitFound
	case errors.Is(err, errPending):
		return "pending", exitPending
	}
	return "failed", exitFailed
}

func exitCode(err error) int {
	_, code := kindOf(err)
	return code
}
