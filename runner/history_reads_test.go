package runner

import (
	"fmt"
	"strconv"
	"testing"

	"rung/internal/pgtest"
)

// What a file costs does not depend on how many there are: its rows of the history
// are found by their key, and a down does not read all that stand below it. The
// server counts the rows and pages that are read.
func TestHistoryIsReadByItsKey(t *testing.T) {
	t.Parallel()
	const below, n = 3000, 20
	url := pgtest.URL(t)
	f := pairs{}
	for v := 1; v <= below+n; v++ {
		f[fmt.Sprintf("%d_t.up.sql", v)] = "SELECT 1;\n"
		f[fmt.Sprintf("%d_t.down.sql", v)] = "SELECT 1;\n"
	}
	last := Version(strconv.Itoa(below))
	_, err := testRunner(t, url, load(t, f)).Baseline(testContext(t), last)
	must(t, err)
	reads := func() (rows, pages int) {
		t.Helper()
		eventually(t, "the server has counted", func() bool {
			return pgtest.QueryString(t, url, "SELECT count(*) FROM rung.log") == pgtest.QueryString(t, url, "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = 'rung.log'::regclass")
		})
		number := func(q string) int {
			n, err := strconv.Atoi(pgtest.QueryString(t, url, q))
			must(t, err)
			return n
		}
		return number("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'rung.migrations'::regclass"),
			number("SELECT idx_blks_hit + idx_blks_read FROM pg_statio_user_tables WHERE relid = 'rung.migrations'::regclass")
	}
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"up", func() { up(t, url, f) }},
		{"down", func() { down(t, url, f, Request{Steps: n}) }},
	} {
		rowsBefore, pagesBefore := reads()
		c.do()
		rows, pages := reads()
		// A run reads the whole history a few times to plan.
		if rows -= rowsBefore; rows > 6*(below+n) {
			t.Errorf("%s read %d rows of the history for %d files", c.name, rows, n)
		}
		if pages -= pagesBefore; pages > 20*n {
			t.Errorf("%s read %d pages of the history's key for %d files", c.name, pages, n)
		}
	}
}
