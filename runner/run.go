package runner

import (
	"crypto/rand"
	"encoding/hex"
)

// NewRun makes the name of a run. Runs on several databases that are one to the
// user have the same.
func NewRun() string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(id[:])
}

// newest is the newest version in place after what this run has done.
func (w *worker) newest() *Version {
	in := map[Version]bool{}
	if w.rec != nil {
		for _, row := range w.rec.Rows {
			in[row.Version] = true
		}
	}
	for _, d := range w.report.Done {
		in[d.Version] = d.Direction == Up
	}
	var newest *Version
	for v, there := range in {
		if there && (newest == nil || newest.Compare(v) < 0) {
			newest = &v
		}
	}
	return newest
}
