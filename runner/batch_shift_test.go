package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// A statement put above a backfill that ran in part would give its ledger to
// another step: rows would be changed twice, or never.
func TestBatchMovedDown(t *testing.T) {
	const batch = "-- rung:batch key=t.id rows=100\nUPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n"
	for name, above := range map[string]string{
		"by a statement":                   "ALTER TABLE t DROP CONSTRAINT stop;\n",
		"by a batch over the same key":     "-- rung:batch key=t.id rows=100\nUPDATE t SET n = n + 2 WHERE id BETWEEN $1 AND $2;\n",
		"by a batch of the same beginning": batch[:len(batch)-2] + " AND true;\n",
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			pgtest.Exec(t, url, "ALTER TABLE t ADD CONSTRAINT stop CHECK (id <> 700 OR n = 0)")
			_, _ = upFails(t, url, files{"1_a.up.sql": batch})
			before := ask(t, url, "SELECT count(*), sum(n) FROM t WHERE n = 1")
			_, err := upFails(t, url, files{"1_a.up.sql": above + batch})
			var no *Disagreement
			if !errors.As(err, &no) || no.Findings[0].Kind != EditedStep || !strings.Contains(err.Error(), "step 1 is step 2 now") {
				t.Errorf("%v", err)
			}
			is(t, url, "SELECT count(*), sum(n) FROM t WHERE n = 1", before)
			pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT stop")
			up(t, url, files{"1_a.up.sql": batch + "SELECT 1;\n"})
			everyOne(t, url)
		})
	}
}
