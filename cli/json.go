package cli

import (
	"time"

	"rung/runner"
)

// The shapes that --json prints; docs/json.md describes them, and a test
// compares the two. Versions are strings, since they may be wider than a
// number that JavaScript keeps. Times are RFC 3339, durations milliseconds.

// jsonObject is any of them.
type jsonObject interface{ setError(*jsonError) }

// jsonResult is part of every object.
type jsonResult struct {
	OK    bool       `json:"ok"`
	Error *jsonError `json:"error"`
}

func (r *jsonResult) setError(e *jsonError) { r.OK, r.Error = e == nil, e }

type jsonError struct {
	Kind     string `json:"kind"`
	ExitCode int    `json:"exit_code"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	Standing string `json:"standing,omitempty"`

	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"`
	Col        int    `json:"col,omitempty"`
	Source     string `json:"source,omitempty"`
	Caret      int    `json:"caret,omitempty"`
	SQLState   string `json:"sqlstate,omitempty"`
	Detail     string `json:"detail,omitempty"`
	ServerHint string `json:"server_hint,omitempty"`
	Query      string `json:"query,omitempty"`
	Where      string `json:"where,omitempty"`
	Keys       string `json:"keys,omitempty"`
	KeyCount   int    `json:"key_count,omitempty"`
	Key        string `json:"key,omitempty"`

	Blockers []jsonBlocker    `json:"blockers,omitempty"`
	Problems []runner.Problem `json:"problems,omitempty"`
	Findings []runner.Finding `json:"findings,omitempty"`
	Reasons  []string         `json:"reasons,omitempty"`
}

// list is never null in JSON.
func list[T any](s []T) []T { return append([]T{}, s...) }

// jsonTime is nil for a time that is not known.
func jsonTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
