package store

import (
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// These are the SQLSTATEs that the bookkeeping raises.
const (
	stateOvertaken = "RUNG1"
	StateMoved     = "RUNG2"
)

// IsConflict reports whether the history had what an entry was to add.
func (b Book) IsConflict(err error) bool {
	if e := pq.As(err, pqerror.UniqueViolation); e != nil {
		return e.Schema == b.Schema && (e.Table == "migrations" || e.Table == "steps")
	}
	return pq.As(err, stateOvertaken) != nil
}
