package proof

import (
	"context"
	"errors"
	"slices"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/lazyre"
	"rung/runner"
)

// withRoles runs files and makes the roles that they name and the server lacks:
// in production they are there before any migration. Note hears of each.
func (s *Scratch) withRoles(ctx context.Context, note func(string), run func() error) error {
	for {
		err := run()
		role, ok := missingRole(err)
		if !ok || slices.Contains(s.madeRoles(), role) {
			return err
		}
		made, failed := s.createRole(ctx, role)
		if failed != nil {
			return failed
		}
		if made {
			note("role " + role + " does not exist on the scratch server: made it, without rights, since files name it")
		} else {
			return &runner.HintedError{Err: err, Hint: "create role " + role + " on the scratch server: rung makes nothing there but databases"}
		}
	}
}

var (
	roleMissing = lazyre.New(`^role "(.*)" does not exist$`)
	dropsRole   = lazyre.New(`(?i)\bdrop\s+(role|user|group)\b`)
)

// missingRole is the role that a failed statement names and that is not there.
// One that drops a role needs it from the files.
func missingRole(err error) (string, bool) {
	e := pq.As(err, pqerror.UndefinedObject)
	var statement *runner.StatementError
	if e == nil || !errors.As(err, &statement) || dropsRole.MatchString(statement.Source) {
		return "", false
	}
	m := roleMissing.FindStringSubmatch(e.Message)
	if m == nil {
		return "", false
	}
	return m[1], true
}
