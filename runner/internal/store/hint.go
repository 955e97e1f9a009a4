package store

import (
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// AtCommit tells, after the statements, the transaction's end from the history.
// A deferred constraint or trigger fails with a name or a context of its own;
// what the history's statements meet has a position, or names their tables, or
// neither.
func (b Book) AtCommit(p *pq.Error) bool {
	switch {
	case p == nil: // of the connection
		return true
	case p.Position != "" || p.Schema == b.Schema || noSuchRole(p):
		return false
	}
	return p.Where != "" || p.Code.Class() == pqerror.ClassIntegrityConstraintViolation || p.Code == pqerror.TRSerializationFailure
}

// noSuchRole tells an error of SET ROLE, the only setting with a text for its
// value that the bookkeeping makes.
func noSuchRole(e *pq.Error) bool { return e != nil && e.Routine == "call_string_check_hook" }

// RecordHint is for a record that cannot be written, or read.
func RecordHint(err error) string {
	e := pq.As(err)
	switch {
	case e == nil:
	case noSuchRole(e):
		return "the role must exist and be granted to the user who connects"
	case pq.As(err, pqerror.ReadOnlySQLTransaction) != nil:
		return "it is read-only: does a file say SET TRANSACTION READ ONLY, is the server a standby, or is default_transaction_read_only on?"
	case pq.As(err, pqerror.UndefinedTable) != nil:
		return "rung's own tables are gone: does the file drop them?"
	case pq.As(err, pqerror.InsufficientPrivilege) != nil:
		return "work as the role that owns the history tables: connect as it, or use --role"
	}
	return ""
}
