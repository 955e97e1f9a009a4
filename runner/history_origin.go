package runner

import (
	"rung/runner/internal/store"
)

// Origin is where a run was started, for the log: what the machine says of
// itself, which nobody checks.
type Origin struct {
	// OSUser is the user of the operating system.
	OSUser string
	// Host is the machine's name.
	Host string
	// Job is the address of the CI job.
	Job string
}

// addOrigin puts what the log says of the run itself among the values.
func (w *worker) addOrigin(v store.Values) {
	o, note := w.cfg.Origin, w.cfg.Note
	if w.byHand {
		o, note = Origin{}, ""
	}
	for key, text := range map[string]string{"os_user": o.OSUser, "host": o.Host, "job": o.Job, "note": note} {
		v[key] = w.book.Start.Storable(text)
	}
}
