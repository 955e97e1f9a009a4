package backfill

import (
	"time"

	"rung/runner/internal/files"
)

// Progress is how far a backfill is.
type Progress struct {
	Version   files.Version   `json:"version"`
	Direction files.Direction `json:"direction"`
	Step      int             `json:"step"`
	Batches   int             `json:"batches"`
	// Keys have been walked over, of about Total; Rows were changed.
	Keys  int64 `json:"keys"`
	Total int64 `json:"total"`
	Rows  int64 `json:"rows"`
	// Rate is in keys per second, lately.
	Rate   float64 `json:"rate"`
	Size   int     `json:"size,omitempty"` // of the next batch
	Paused bool    `json:"paused"`
	By     string  `json:"paused_by,omitempty"`
	// Note says what is odd about the numbers, or "".
	Note string `json:"note,omitempty"`
}

// ETA is the time that the rest will take at the present rate, or 0 for unknown.
func (p Progress) ETA() time.Duration {
	if p.Rate <= 0 || p.Total <= p.Keys {
		return 0
	}
	return time.Duration(float64(p.Total-p.Keys) / p.Rate * float64(time.Second))
}
