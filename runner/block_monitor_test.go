package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/lock"
)

// A statement that takes long gives signs of life, of an index with the server's
// phase; and other sessions learn which file it is of.
func TestSignsOfLife(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (a int)")
	writer := join(t, url)
	writer.do("BEGIN; INSERT INTO t VALUES (1)")
	f := pairs{"1_a.up.sql": "SELECT 1;\n", "2_b.up.sql": "SELECT 2;\nCREATE INDEX CONCURRENTLY t_a\n  ON t (a);\n"}
	h := &hearing{}
	r := startUp(t, url, f, h.listen)
	eventually(t, "a sign of life", func() bool { return len(heard[Working](h)) >= 2 })
	e := heard[Working](h)[1]
	if e.File != "sql/2_b.up.sql" || e.Line != 2 || e.Step != 2 || e.Steps != 2 || e.Version != "2" || e.Direction != Up ||
		e.Statement != "CREATE INDEX CONCURRENTLY t_a ON t (a)" || e.Phase != "waiting for writers before build" || e.Took < lock.LifeEvery || e.FileTook < e.Took || e.FileTook > patience {
		t.Errorf("%+v", e)
	}
	st, err := testRunner(t, url, load(t, f)).Status(testContext(t))
	if err != nil || st.Running == nil {
		t.Fatalf("%+v, %v", st, err)
	}
	if h := st.Running; h.File != "sql/2_b.up.sql" || h.FileTook <= 0 || h.FileTook > patience || h.FileSince == nil || !strings.Contains(h.String(), ", running sql/2_b.up.sql for ") {
		t.Errorf("%+v", h)
	}
	waits := make(chan WaitingForLock, 1)
	second := startUp(t, url, f, (&hearing{on: once(func(e WaitingForLock) { waits <- e })}).listen)
	if e := <-waits; e.Holder.File != "sql/2_b.up.sql" {
		t.Errorf("%+v", e)
	}
	writer.do("COMMIT")
	r.mustSucceed()
	second.mustSucceed()
	started, finished := heard[RunStarted](h), heard[RunFinished](h)
	if len(started) != 1 || started[0].Database == "" || started[0].User != "postgres" || !strings.HasPrefix(started[0].Server, "127.0.0.1:") || started[0].Run == "" {
		t.Errorf("%+v", started)
	}
	if len(finished) != 1 || finished[0].Done != 2 || finished[0].Err != nil || finished[0].Took <= 0 || finished[0].Run != started[0].Run {
		t.Errorf("%+v", finished)
	}
}

// Short work gives none, and a failed run says that it is over.
func TestNoSignsOfLife(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := &hearing{}
	_, err := upFails(t, url, pairs{"1_a.up.sql": "SELECT 1;\n", "2_b.up.sql": "SELECT nosuch;\n"}, h.listen)
	if finished := heard[RunFinished](h); len(finished) != 1 || finished[0].Done != 1 || !errors.Is(finished[0].Err, err) || len(heard[Working](h)) != 0 {
		t.Errorf("%+v, %v", finished, err)
	}
}
