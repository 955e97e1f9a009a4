package runner

import (
	"testing"

	"rung/internal/pgtest"
)

// Whoever tunes a paused backfill is not who paused it.
func TestBatchIsPausedByWhoPausedIt(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	const row = "SELECT changed_by, extract(year FROM changed_at), paused, rows FROM rung.control"
	h := &hearing{on: at(2, func() {
		steered(t, url, pause)
		pgtest.Exec(t, url, "UPDATE rung.control SET changed_by = 'alice', changed_at = '2020-02-02'")
		if p := steered(t, url, tune(Tuning{Rows: ptr(7)})); p.By != "alice" || !p.Paused {
			t.Errorf("%+v", p)
		}
		steered(t, url, pause) // which it is
		is(t, url, row, "alice|2020|true|7")
		if p := steered(t, url, resume); p.By != "" || p.Paused {
			t.Errorf("%+v", p)
		}
		is(t, url, "SELECT changed_by, extract(year FROM changed_at) > 2020, paused FROM rung.control", "postgres|true|false")
		if p := steered(t, url, tune(Tuning{Rows: ptr(100)})); p.By != "" {
			t.Errorf("%+v", p)
		}
	})}
	up(t, url, counting("rows=100 target=1min"), h.listen)
	everyOne(t, url)
}
