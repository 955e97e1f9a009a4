package runner

import (
	"testing"

	"rung/internal/pgtest"
)

// What becomes of a half-run file that is mended before it goes on.

// upWith applies the files as asked, and returns the error.
func upWith(t testing.TB, url string, f files, req UpRequest) error {
	t.Helper()
	_, err := testRunner(t, url, load(t, f)).Up(testContext(t), req)
	return err
}

// A run that insists on a plan may begin with a file that an earlier run left
// in part. When it is interrupted behind that one, the same hash goes on.
func TestPlanHashGoesOnBehindAResumedFile(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE gate (i int)")
	f := files{
		"1_x.up.sql": "-- rung:no-transaction\nCREATE TABLE a ();\nSELECT 1/count(*) FROM gate WHERE i = 1;\n",
		"2_x.up.sql": "SELECT 1/count(*) FROM gate WHERE i = 2;\n",
	}
	_, _ = upFails(t, url, f)
	pgtest.Exec(t, url, "INSERT INTO gate VALUES (1)")
	p, err := testRunner(t, url, load(t, f)).Plan(testContext(t), Up, UpRequest{})
	must(t, err)
	req := UpRequest{PlanHash: p.Hash}
	if err := upWith(t, url, f, req); err == nil {
		t.Fatal("up got through")
	}
	is(t, url, "SELECT string_agg(version || ' ' || state, ', ') FROM rung.migrations", "1 applied")
	pgtest.Exec(t, url, "INSERT INTO gate VALUES (2)")
	must(t, upWith(t, url, f, req))
}
