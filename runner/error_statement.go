package runner

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// statementError gives a failure its place: by the position that the server gave, and
// without one by the notice of the statement that ran.
func (k *outcomes) statementError(run plan.StepRun, f *exec.Failure) *StatementError {
	s := f.Script
	e := &StatementError{File: s.Path, Err: f.Err, Standing: k.standing(run), Blockers: f.Blockers, Attempts: 1}
	if pq.As(f.Err, pqerror.LockNotAvailable, pqerror.TRDeadlockDetected, pqerror.QueryCanceled) == nil {
		e.Blockers = nil // the lock was had in the end
	}
	i := f.Statement
	p := pq.As(f.Err)
	if p != nil {
		if k.session.History.Start.Encoding == "SQL_ASCII" {
			f.Message.InCharacters(p)
		}
		if at, place, ok := f.Message.Find(p.Position); ok {
			i, e.Line, e.Col, e.Caret = at.Statement, place.Line, place.Col, place.Col
		}
	}
	defer e.hide(s)
	e.Hint = hint(f.Err, s, run.Step(), i, k.session.Together)
	if strayed := (*pgconn.StrayedError)(nil); errors.As(f.Err, &strayed) {
		e.Hint = strayed.Hint(run.Direction)
	}
	switch {
	case i == pgconn.MarkEnd && k.session.History.AtCommit(p):
		e.Part = lock.AtCommit
	case i < 0:
		e.Part = lock.InHistory
		e.Hint = cmp.Or(store.RecordHint(f.Err), e.Hint)
	}
	e.Hint = cmp.Or(e.Hint, k.advice(run, p))
	if i < 0 {
		return e
	}
	if e.Line == 0 {
		at := s.Pos(i)
		if p != nil {
			var exact bool
			if at, exact = placeOf(s, p, i); exact {
				e.Caret = at.Col
			}
		}
		e.Line, e.Col = at.Line, at.Col
	}
	e.Source = s.SourceLine(e.Line)
	return e
}

// advice is what helps where a file stopped in its middle: to run it again alone
// would fail again.
func (k *outcomes) advice(run plan.StepRun, p *pq.Error) string {
	ran := run.Index > 0 || k.batchNote != "" || plan.BatchesIn(k.session.History.Rec.StepsFrom(run.Action, run.Index)) != ""
	if p == nil || !ran || k.session.Together || pgconn.IsLost(p) {
		return ""
	}
	if why := notOfTheFile(p); why != "" {
		return fmt.Sprintf("%s, and run `rung %s` again: it resumes there", why, run.Command())
	}
	s := fmt.Sprintf("fix the data, or edit the file from line %d on, and run `rung %s` again: the steps that ran must stay as they are", run.Script.Pos(run.Step().First).Line, run.Command())
	if run.Direction == files.Up {
		s += "; or revert it with `rung down`"
	}
	return s
}

// notOfTheFile is what to do first about an error that no other data and no other
// statement would fix, by its SQLSTATE (errcodes.txt of PostgreSQL); "" for others.
func notOfTheFile(p *pq.Error) string {
	switch {
	case p.Code == pqerror.DiskFull:
		return "free disk space on the server"
	case strings.HasPrefix(string(p.Code), "53"), strings.HasPrefix(string(p.Code), "58"): // resources, and what the system refused
		return "put right what the server lacks"
	case p.Code == pqerror.QueryCanceled:
		return "find out who cancelled it"
	case p.Code == pqerror.InsufficientPrivilege:
		return "give the role that right, or work as another one by --role"
	}
	return ""
}

// hint is what rung can add to the server's own, about statement i of the file.
func hint(err error, s *files.Script, step files.Step, i int, together bool) string {
	switch {
	case pq.As(err, pqerror.UnsafeNewEnumValueUsage) != nil && together:
		return "a value that ALTER TYPE … ADD VALUE adds cannot be used before its transaction commits; run without --single-transaction"
	case pq.As(err, pqerror.UnsafeNewEnumValueUsage) != nil:
		return "a value that ALTER TYPE … ADD VALUE adds cannot be used before its transaction commits; put its use in the next file"
	case pq.As(err, pqerror.ActiveSQLTransaction) != nil && i >= 0 && files.SetsTransaction(&s.Parsed.Statements[i]):
		return "put SET TRANSACTION first in the file, or directly after its BEGIN"
	case pq.As(err, pqerror.ActiveSQLTransaction) != nil && strings.Contains(pq.As(err).Where, "PL/pgSQL"):
		return "PostgreSQL refuses it inside a function or a DO block; write it as a statement of its own"
	case pq.As(err, pqerror.ActiveSQLTransaction, pqerror.InvalidTransactionTermination) != nil && step.Transactional():
		return "write `-- rung:no-transaction` at the head of the file, so that it runs statement by statement"
	case pq.As(err, pqerror.QueryCanceled) != nil && strings.Contains(pq.As(err).Message, "statement timeout"):
		return "it ran longer than statement_timeout, which the role, the database or the server may set: give it `-- rung:statement-timeout 0` at the head of the file, or --statement-timeout"
	case pq.As(err, pqerror.TransactionTimeout) != nil:
		return "it ran longer than transaction_timeout, which the role, the database or the server sets: write `SET transaction_timeout = 0;` above it in the file"
	case pq.As(err, pqerror.LockNotAvailable) != nil:
		return "the statement waited longer than --lock-timeout for its lock; end the blocking session, or try again when it is quieter"
	case pq.As(err, pqerror.UniqueViolation) != nil && pq.As(err).Table == "migrations" && strings.HasSuffix(pq.As(err).Constraint, "migrations_pkey"):
		return "another session recorded " + s.Path + " meanwhile; run rung again"
	}
	return ""
}
