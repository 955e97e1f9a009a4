package lock

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"rung/internal/lazyre"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Holder is the runner that has the lock. Its fields are zero where the
// server does not tell.
type Holder struct {
	PID         int        `json:"pid"`
	User        string     `json:"user"`
	Application string     `json:"application"`
	Since       *time.Time `json:"since"`
	// File is what it runs, "" where that is not known or this role may not see it.
	File      string        `json:"file"`
	FileSince *time.Time    `json:"file_since"`
	FileTook  time.Duration `json:"-"`
}

// HolderOf asks who has the lock. A zero Holder means nobody.
func HolderOf(ctx context.Context, s *pgconn.Session, b store.Book) (h Holder, err error) {
	err = s.Query(ctx, b.SQL("lock_holder", store.Values{"lock_key": b.LockKey(), "since_key": b.SinceKey()}), func(rows *sql.Rows) error {
		var query string
		var asked *time.Time
		var ago *int64
		err := rows.Scan(&h.PID, &h.User, &h.Application, &h.Since, &query, &asked, &ago)
		if file, took, ok := readClaim(query); ok && asked != nil && ago != nil {
			since := asked.Add(-took)
			h.File, h.FileSince, h.FileTook = file, &since, took+time.Duration(*ago)*time.Millisecond
		}
		return err
	})
	return h, err
}

// String says who holds the lock, for a person who waits.
func (h Holder) String() string {
	if h.PID == 0 {
		return "another rung has just finished"
	}
	s := fmt.Sprintf("held by pid %d", h.PID)
	if h.Application != "" {
		s += fmt.Sprintf(" (%s)", h.Application)
	}
	if h.Since != nil {
		s += " since " + h.Since.Local().Format(time.TimeOnly)
	}
	if h.File != "" {
		s += fmt.Sprintf(", running %s for %s", h.File, h.FileTook.Round(time.Second))
	}
	return s
}

// The session that holds the lock says in front of what it asks which file is
// run: its last message is what pg_stat_activity shows of it, to the roles that
// may see it.

// claim is that comment. It is one line, and of ASCII, whatever the file's name.
func (t Task) claim(fileTook time.Duration) string {
	return fmt.Sprintf("-- rung: %s %s for %d ms\n", t.Direction, strconv.QuoteToASCII(t.Script.Path), fileTook.Milliseconds())
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
