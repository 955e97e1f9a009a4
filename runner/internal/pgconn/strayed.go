package pgconn

import (
	"strings"

	"rung/runner/internal/files"
)

// StrayedError is a statement outside of a transaction that a pooler has
// parted from the SETs before it, or would have.
type StrayedError struct {
	Sent            string
	OnlyLimits, Ran bool
	Cause           error // the server's, of a statement that ran without them
}

func (e *StrayedError) Unwrap() error { return e.Cause }

func (e *StrayedError) Error() string {
	switch {
	case e.Cause != nil:
		return e.Cause.Error()
	case e.Ran:
		return "a pooler sent it to another server than " + e.Sent + ": it ran, perhaps on other objects or as another role"
	}
	return "it was not sent: a pooler has sent " + e.Sent + " to another server"
}

// Hint is what to do about it.
func (e *StrayedError) Hint(direction files.Direction) string {
	switch {
	case e.OnlyLimits:
		limit := strings.ReplaceAll(strings.TrimPrefix(e.Sent, "the statement's "), "_", "-")
		return "a pooler in transaction mode separates " + e.Sent + " from the statement; connect directly to the server, or turn it off with `-- rung:" + limit + " 0` at the head of the file"
	case e.Ran && e.Cause == nil:
		return "a pooler in transaction mode separates " + e.Sent + " from the statement; check where the statement did its work, connect directly to the server and run `rung " + string(direction) + "` again"
	}
	return "a pooler in transaction mode separates " + e.Sent + " from the statement; connect directly to the server, or write the statement's names with their schema and remove the SETs"
}
