package fault

import (
	"errors"
	"strconv"
	"syscall"

	"rung/cli/internal/show"
	"rung/runner"
	"rung/templates"
)

// The exit codes, DESIGN §6.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitDisagree    = 3
	exitLock        = 4
	ExitUnreachable = 5
	ExitPending     = 6
	ExitFound       = 7
	ExitSignal      = 128 // and the signal's number
	exitCrash       = 134 // by SIGABRT: see main
)

// ExitText says what a code means, for the help.
var ExitText = map[int]string{
	ExitDone:        "done",
	ExitFailed:      "a migration failed, or an error without a code of its own",
	ExitUsage:       "usage, or bad files",
	ExitDisagree:    "history and directory disagree, or the history tables are damaged",
	exitLock:        "timed out waiting for the migration lock",
	ExitUnreachable: "the database cannot be reached",
	ExitPending:     "work is pending: status --exit-code, up --no-batches, a required backfill",
	ExitFound:       "verify, review or up --review found something, or import --check",
	exitCrash:       "rung itself crashed: please report what it printed",
	ExitSignal:      "stopped by SIGHUP / SIGINT / SIGTERM",
}

// ExitsOf are the codes of each command; "" is rung as a whole.
var ExitsOf = map[string][]int{
	"":           {0, 1, 2, 3, 4, 5, 6, 7, ExitSignal, exitCrash},
	"up":         {0, 1, 2, 3, 4, 5, 6, 7, ExitSignal},
	"down":       {0, 1, 2, 3, 4, 5, ExitSignal},
	"redo":       {0, 1, 2, 3, 4, 5, ExitSignal},
	"status":     {0, 1, 2, 3, 5, 6, ExitSignal},
	"plan":       {0, 1, 2, 3, 5, ExitSignal},
	"validate":   {0, 1, 2, 3, 5, ExitSignal},
	"verify":     {0, 1, 2, 5, 7, ExitSignal},
	"review":     {0, 1, 2, 3, 5, 7, ExitSignal},
	"new":        {0, 1, 2, 5, ExitSignal},
	"templates":  {0, 1, 2},
	"baseline":   {0, 1, 2, 3, 4, 5, ExitSignal},
	"adopt":      {0, 1, 2, 3, 4, 5, ExitSignal},
	"repair":     {0, 1, 2, 3, 4, 5, ExitSignal},
	"history":    {0, 1, 2, 3, 5, ExitSignal},
	"wait":       {0, 1, 2, 5, ExitSignal},
	"dump":       {0, 1, 2, 5, ExitSignal},
	"work":       {0, 1, 2, 3, 5, ExitSignal},
	"pause":      {0, 1, 2, 3, 5, ExitSignal},
	"resume":     {0, 1, 2, 3, 5, ExitSignal},
	"tune":       {0, 1, 2, 3, 5, ExitSignal},
	"import":     {0, 1, 2, 7, ExitSignal},
	"sandbox":    {0, 1, 2, ExitSignal},
	"topic":      {0, 1, 2},
	"completion": {0, 1, 2},
	"man":        {0, 1, 2},
	"version":    {0, 1, 2},
}

// ExitTable is the help's section on them.
func ExitTable(codes []int, command string) string {
	var rows [][2]string
	for _, code := range codes {
		name := strconv.Itoa(code)
		if code == ExitSignal {
			name = "129/130/143"
		}
		rows = append(rows, [2]string{name, ExitText[code]})
	}
	if command == "sandbox" {
		rows = append(rows, [2]string{"other", "that of COMMAND; 127 where it is not found, 126 where it cannot be run"})
	}
	return show.Table(rows)
}

// kindOf names an error for JSON, and gives its exit code: the one place where
// errors become codes.
func kindOf(err error) (kind string, code int) {
	var (
		sig       *SignalError
		bad       *runner.BadFilesError
		refusal   *runner.RefusalError
		disagree  *runner.DisagreementError
		lock      *runner.LockTimeoutError
		unreach   *runner.UnreachableError
		use       *UsageError
		child     *ChildError
		statement *runner.StatementError
		mistake   *templates.Mistake
		damage    *runner.HistoryError
		behind    *runner.BehindError
		many      *FleetError
	)
	switch {
	case err == nil:
		return "", ExitDone
	case errors.As(err, &sig):
		if s, ok := sig.Sig.(syscall.Signal); ok {
			return "stopped", ExitSignal + int(s)
		}
		return "stopped", ExitFailed
	case errors.As(err, &many):
		return "fleet", many.Code
	case errors.As(err, &child):
		return "command", child.Status
	case errors.As(err, &statement):
		return "statement", ExitFailed
	case errors.As(err, &bad):
		return "bad-files", ExitUsage
	case errors.As(err, &refusal), errors.As(err, &mistake), errors.Is(err, runner.ErrEmpty):
		return "refused", ExitUsage
	case errors.As(err, &use):
		return "usage", ExitUsage
	case errors.As(err, &behind):
		return "behind", ExitFailed
	case errors.As(err, &damage):
		return "history", ExitDisagree
	case errors.As(err, &disagree):
		return "disagreement", ExitDisagree
	case errors.As(err, &lock):
		return "lock", exitLock
	case errors.As(err, &unreach):
		return "unreachable", ExitUnreachable
	case errors.Is(err, ErrFound):
		return "found", ExitFound
	case errors.Is(err, ErrPending):
		return "pending", ExitPending
	}
	return "failed", ExitFailed
}

// Code is the exit code of an error.
func Code(err error) int {
	_, code := kindOf(err)
	return code
}
