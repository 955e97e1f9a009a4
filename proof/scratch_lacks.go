package proof

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/lazyre"
	"rung/runner"
)

// lack is what files name and a server has not: in production it is there before any
// migration.
type lack struct {
	kind string // role, tablespace or database
	name string
}

// note says that it was made.
func (l lack) note() string {
	without := map[string]string{"role": ", without rights,", "tablespace": " in the server's own directory,", "database": ", empty,"}[l.kind]
	return l.kind + " " + l.name + " does not exist on the scratch server: made it" + without + " since files name it"
}

// WithLacking runs files and makes the roles, tablespaces and databases that they name and
// the server lacks. Note hears of each.
func (s *Scratch) WithLacking(ctx context.Context, note func(string), run func() error) error {
	for {
		err := run()
		l, ok := lackOf(err)
		if !ok || s.isMade(l) {
			return s.advised(err)
		}
		made, failed := s.makeLacking(ctx, l)
		if failed != nil {
			return failed
		}
		if !made {
			return &runner.HintedError{Err: err, Hint: "create " + l.kind + " " + l.name + " on the scratch server: rung makes nothing there but databases"}
		}
		note(l.note())
	}
}

// makeLacking makes it. It reports false for a server that is not rung's own: all its
// databases share such things.
func (s *Scratch) makeLacking(ctx context.Context, l lack) (bool, error) {
	if !s.Own() {
		return false, nil
	}
	conn, err := s.admin.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	statements := []string{"CREATE " + strings.ToUpper(l.kind) + " " + pq.QuoteIdentifier(l.name)}
	if l.kind == "tablespace" {
		// https://www.postgresql.org/docs/current/runtime-config-developer.html
		statements = []string{"SET allow_in_place_tablespaces = on", statements[0] + " LOCATION ''"}
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return false, fmt.Errorf("create %s %s on the scratch server: %w", l.kind, l.name, err)
		}
	}
	s.mu.Lock()
	s.lacked = append(s.lacked, l)
	s.mu.Unlock()
	return true, nil
}

func (s *Scratch) isMade(l lack) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.lacked, l)
}

// madeRoles are those that makeLacking made, in the order of their making.
func (s *Scratch) madeRoles() (roles []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lacked {
		if l.kind == "role" {
			roles = append(roles, l.name)
		}
	}
	return roles
}

// advised is the error of files that ran, with what helps where the server lacks an
// extension.
func (s *Scratch) advised(err error) error {
	e := pq.As(err, pqerror.FeatureNotSupported, pqerror.UndefinedFile)
	if e == nil || !extensionMissing.MatchString(e.Message) {
		return err
	}
	hint := "install the extension on the scratch server"
	if s.Own() {
		hint = "install the extension on this machine, or name a server that has it: --scratch-url URL"
	}
	return &runner.HintedError{Err: err, Hint: hint}
}

var (
	objectMissing = lazyre.New(`^(role|tablespace|database) "(.*)" does not exist$`)
	dropsObject   = lazyre.New(`(?i)\bdrop\s+(role|user|group|tablespace|database)\b`)
	// extensionMissing is what 15 and later say, and what 14 does.
	extensionMissing = lazyre.New(`^extension ".*" is not available$|^could not open extension control file `)
)

// lackOf is what a failed statement names and is not there. One that drops it needs it
// from the files.
func lackOf(err error) (lack, bool) {
	var statement *runner.StatementError
	if !errors.As(err, &statement) || dropsObject.MatchString(statement.Source) {
		return lack{}, false
	}
	return lackIn(err)
}

// lackIn is what PostgreSQL's error says is not there.
func lackIn(err error) (l lack, ok bool) {
	e := pq.As(err, pqerror.UndefinedObject, pqerror.InvalidCatalogName)
	if e == nil {
		return l, false
	}
	m := objectMissing.FindStringSubmatch(e.Message)
	if m == nil {
		return l, false
	}
	return lack{m[1], m[2]}, true
}
