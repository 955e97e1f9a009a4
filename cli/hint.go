package cli

import (
	"errors"
	"regexp"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner"
	"rung/templates"
)

// messageOf is an error's text without what the driver adds to the server's.
func messageOf(err error) string {
	return ownPosition.ReplaceAllString(strings.ReplaceAll(err.Error(), "pq: ", ""), " ($1)")
}

// ownPosition is the driver's note of a place in rung's own SQL.
var ownPosition = regexp.MustCompile(` at (?:column \d+|position \d+:\d+) \((\w{5})\)`)

// hintOf is what the user can do about an error, or "".
func hintOf(err error) string {
	var (
		use       *usage
		hinted    *runner.Hinted
		refusal   *runner.Refusal
		statement *runner.StatementError
		unreach   *runner.Unreachable
		mistake   *templates.Mistake
		damage    *runner.HistoryError
		behind    *runner.BehindError
	)
	switch {
	case errors.As(err, &use):
		return use.hint
	case errors.As(err, &hinted):
		return hinted.Hint
	case errors.As(err, &behind):
		return behind.Hint()
	case errors.As(err, &damage):
		return damage.Hint
	case errors.As(err, &refusal):
		return refusal.Hint
	case errors.As(err, &statement):
		return statement.Hint
	case errors.As(err, &mistake):
		return mistake.Hint
	case errors.As(err, &unreach):
		return connectHint(err)
	}
	return ""
}

const serverHint = "is the server there, and up? --wait 30s waits for it"

// connectHint is for a server that was not reached, or said no.
func connectHint(err error) string {
	switch {
	case pq.As(err, pqerror.InvalidPassword, pqerror.InvalidAuthorizationSpecification) != nil:
		return "check user and password: a special character of a URL's password is percent-encoded"
	case pq.As(err, pqerror.InvalidCatalogName) != nil:
		return "create the database first, or correct its name"
	case errors.Is(err, pq.ErrSSLNotSupported):
		return "where the way there is safe, add sslmode=disable"
	case pq.As(err, pqerror.UndefinedObject) != nil:
		return "the address has a parameter that PostgreSQL does not know: take it out"
	case pq.As(err) == nil:
		return serverHint
	}
	return ""
}
