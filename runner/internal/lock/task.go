package lock

import (
	"strings"
	"time"

	"rung/internal/lazyre"
	"rung/internal/secret"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

// Task is what a session does: for the report of who is in its way, and for the
// signs of life.
type Task struct {
	Direction   files.Direction
	Version     files.Version
	Script      *files.Script
	Statement   int // of the file, or pgconn.MarkEnd or MarkRecord
	Step, Steps int
	Since       time.Time // the statement
}

// Line is that of the statement, or 0.
func (t Task) Line() int { return t.Script.Pos(t.Statement).Line }

// Part says what of a migration runs that is no statement of its file, or "".
func (t Task) Part() string {
	switch t.Statement {
	case pgconn.MarkEnd:
		return AtCommit
	case pgconn.MarkRecord:
		return InHistory
	}
	return ""
}

// shownStatement is how much of a statement is told of while it runs.
const shownStatement = 200

// statementRead is how many bytes of it are looked at for that.
const statementRead = 64 << 10

// Text is the beginning of the statement, on one line.
func (t Task) Text() string {
	if t.Statement < 0 {
		return ""
	}
	sql := t.Script.Bare(t.Statement)
	if len(sql) > statementRead { // such as an INSERT of many rows
		sql = strings.ToValidUTF8(sql[:statementRead], "")
	}
	r := []rune(strings.Join(strings.Fields(secret.Mask(sql)), " "))
	if len(r) > shownStatement {
		return string(r[:shownStatement-1]) + "…"
	}
	return string(r)
}

// buildsIndex reports whether the server may know how far the statement is.
func (t Task) buildsIndex() bool {
	return t.Statement >= 0 && indexWords.MatchString(t.Text())
}

var indexWords = lazyre.New(`(?i)\b(INDEX|REINDEX|UNIQUE|PRIMARY|EXCLUDE)\b`)

// What may fail of a migration that is no statement of its file.
const (
	AtCommit  = "at COMMIT"
	InHistory = "in the history tables"
)
