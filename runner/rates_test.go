package runner

import (
	"fmt"
	"testing"

	"rung/internal/pgtest"
)

// The rates of a backfill are those of its batch log, and go with its version.
func TestBackfillRates(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_t.up.sql":   "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g, CASE WHEN g <= 50 THEN 1 END FROM generate_series(1, 1000) AS g;\n",
		"2_n.up.sql":   "-- rung:batch key=t.id rows=5 target=1ms\nUPDATE t SET n = 1 WHERE id BETWEEN $1 AND $2 AND n IS NULL;\n",
		"2_n.down.sql": "UPDATE t SET n = NULL WHERE id > 50;\n",
	}
	rates := func() (all []BackfillRate) {
		all, err := testRunner(t, url, load(t, f)).BackfillRates(testContext(t))
		must(t, err)
		return all
	}
	if got := rates(); len(got) != 0 {
		t.Errorf("before the first up: %+v", got)
	}
	up(t, url, f)
	got := rates()
	if len(got) != 1 || got[0].Version != "2" || got[0].Direction != Up || got[0].Step != 1 {
		t.Fatalf("%+v", got)
	}
	var sum BackfillPart
	for i, p := range got[0].Parts {
		sum.Keys, sum.Rows, sum.Batches = sum.Keys+p.Keys, sum.Rows+p.Rows, sum.Batches+p.Batches
		if p.Ended.Before(p.Began) || i > 0 && p.Ended.Before(got[0].Parts[i-1].Ended) {
			t.Errorf("part %d goes back in time: %+v", i, p)
		}
	}
	is(t, url, "SELECT count(*) FROM rung.batches", fmt.Sprint(sum.Batches))
	if n := len(got[0].Parts); sum.Keys != 1000 || sum.Rows != 950 || n != min(sum.Batches, 100) {
		t.Errorf("%+v in %d parts", sum, n)
	}
	down(t, url, f, Request{})
	if got := rates(); len(got) != 0 {
		t.Errorf("of a version that is reverted: %+v", got)
	}
}
