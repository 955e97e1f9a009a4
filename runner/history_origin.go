package runner

import (
	"rung/runner/internal/store"
)

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
