package sandbox

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestCrashKeepsWhatWasCommitted(t *testing.T) {
	s := mustStart(t, Config{})
	query(t, s.URL(""), "CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000); SELECT 1")
	for range 3 {
		pid := postmasterPid(t, s.Dir)
		children, err := childrenOf(pid)
		if err != nil || len(children) == 0 {
			t.Fatal(children, err)
		}
		if err := s.Kill9(); err != nil {
			t.Fatal(err)
		}
		for _, child := range children {
			eventually(t, "the children are gone", func() bool { return !alive(child) })
		}
		if err := s.StartAgain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := query(t, s.URL(""), "SELECT count(*) FROM t"); got != "1000" {
			t.Error(got)
		}
	}
}

func TestRestart(t *testing.T) {
	s := mustStart(t, Config{})
	before := query(t, s.URL(""), "SELECT pg_postmaster_start_time()")
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := query(t, s.URL(""), "SELECT pg_postmaster_start_time()"); after == before {
		t.Error("it is the same server")
	}
	if err := s.StartAgain(t.Context()); err == nil || !strings.Contains(err.Error(), "is running") {
		t.Error(err)
	}
}

// A killed server leaves its pid file and a System V segment for others to remove.
func TestStopAfterCrash(t *testing.T) {
	before := segments(t)
	s := mustStart(t, Config{})
	pidfile, err := os.ReadFile(s.dataDir() + "/postmaster.pid")
	if err != nil {
		t.Fatal(err)
	}
	segment := strings.Fields(strings.Split(string(pidfile), "\n")[6])[1]
	if !strings.Contains(segments(t), " "+segment+" ") {
		t.Fatalf("no segment %s in\n%s", segment, segments(t))
	}
	if err := s.Kill9(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil || exists(s.Dir) {
		t.Error(err, "directory left:", exists(s.Dir))
	}
	if strings.Contains(segments(t), " "+segment+" ") {
		t.Errorf("segment %s left; before: %s", segment, before)
	}
	if err := s.StartAgain(t.Context()); err == nil {
		t.Error("started after Stop")
	}
}

func segments(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("ipcs", "-m").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
