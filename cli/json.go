package cli

import (
	"time"

	"rung/cli/internal/fault"
)

// The shapes that --json prints; docs/json.md describes them, and a test
// compares the two. Versions are strings, since they may be wider than a
// number that JavaScript keeps. Times are RFC 3339, durations milliseconds.

// jsonObject is any of them.
type jsonObject interface{ setError(*fault.Description) }

// jsonResult is part of every object.
type jsonResult struct {
	OK    bool               `json:"ok"`
	Error *fault.Description `json:"error"`
}

func (r *jsonResult) setError(e *fault.Description) { r.OK, r.Error = e == nil, e }

// jsonTime is nil for a time that is not known.
func jsonTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
