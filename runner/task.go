package runner

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rung/internal/lazyre"
	"rung/internal/secret"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

// task is what a session does: for the report of who is in its way, and for the
// signs of life.
type task struct {
	direction   files.Direction
	version     files.Version
	script      *files.Script
	statement   int // of the file, or a mark of what is none
	step, steps int
	since       time.Time // the statement
}

func (t task) line() int { return t.script.Pos(t.statement).Line }

// part says what of a migration runs that is no statement of its file, or "".
func (t task) part() string {
	switch t.statement {
	case pgconn.MarkEnd:
		return AtCommit
	case pgconn.MarkRecord:
		return InHistory
	}
	return ""
}

func (t task) blocked() Blocked {
	return Blocked{Version: t.version, File: t.script.Path, Line: t.line(), Part: t.part()}
}

func (t task) working(now, fileSince time.Time) Working {
	return Working{
		Direction: t.direction, Version: t.version, File: t.script.Path, Line: t.line(), Part: t.part(), Step: t.step, Steps: t.steps,
		Statement: t.text(), Took: now.Sub(t.since), FileTook: now.Sub(fileSince),
	}
}

// shownStatement is how much of a statement is told of while it runs.
const shownStatement = 200

// text is the beginning of the statement, on one line.
func (t task) text() string {
	if t.statement < 0 {
		return ""
	}
	sql := t.script.Bare(t.statement)
	if len(sql) > messageLimit/16 { // such as an INSERT of many rows
		sql = strings.ToValidUTF8(sql[:messageLimit/16], "")
	}
	r := []rune(strings.Join(strings.Fields(secret.Mask(sql)), " "))
	if len(r) > shownStatement {
		return string(r[:shownStatement-1]) + "…"
	}
	return string(r)
}

// buildsIndex reports whether the server may know how far the statement is.
func (t task) buildsIndex() bool {
	return t.statement >= 0 && indexWords.MatchString(t.text())
}

var indexWords = lazyre.New(`(?i)\b(INDEX|REINDEX|UNIQUE|PRIMARY|EXCLUDE)\b`)

// The session that holds the lock says in front of what it asks which file is
// run: its last message is what pg_stat_activity shows of it, to the roles that
// may see it.

// claim is that comment. It is one line, and of ASCII, whatever the file's name.
func (t task) claim(fileTook time.Duration) string {
	return fmt.Sprintf("-- rung: %s %s for %d ms\n", t.direction, strconv.QuoteToASCII(t.script.Path), fileTook.Milliseconds())
}

var claimed = lazyre.New(`^-- rung: (up|down) ("(?:[^"\\]|\\.)*") for (\d+) ms\n`)

// readClaim reads it. Ok is false for any other query.
func readClaim(query string) (file string, took time.Duration, ok bool) {
	m := claimed.FindStringSubmatch(query)
	if m == nil {
		return "", 0, false
	}
	file, err := strconv.Unquote(m[2])
	if err != nil {
		return "", 0, false
	}
	ms, err := strconv.ParseInt(m[3], 10, 64)
	return file, time.Duration(ms) * time.Millisecond, err == nil
}

// messageLimit is the size at which a long file is sent on in a further
// message of the same transaction, so that memory stays flat.
const messageLimit = 1 << 20
