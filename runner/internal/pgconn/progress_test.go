package pgconn

import (
	"testing"
	"time"
)

func TestMarks(t *testing.T) {
	if n, pid, ok := ReadMark("abc", "rung:abc:12:345"); n != 12 || pid != 345 || !ok {
		t.Error(n, pid, ok)
	}
	if n, _, ok := ReadMark("abc", "rung:abc:-1:345"); n != MarkEnd || !ok {
		t.Error(n, ok)
	}
	if n, pid, ok := ReadMark("abc", "rung:abc:7"); n != 7 || pid != 0 || !ok {
		t.Error(n, pid, ok)
	}
	if n, pid, ok := ReadMark("abc", "rung:abc:7@00:00:01.5"); n != 7 || pid != 0 || !ok {
		t.Error(n, pid, ok)
	}
	// A file that says what a progress notice says is not believed.
	for _, text := range []string{"", "rung:other:1:2", "rung:abc:", "rung:abc:x", "rung:abc:1:", "rung:abc:x:1", "rung:abc:1:x", "rung:abc:1:2:3", " rung:abc:1:2"} {
		if n, pid, ok := ReadMark("abc", text); ok {
			t.Errorf("%q: %d, %d", text, n, pid)
		}
	}
}

func TestClocksOfMarks(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00:00:00.001234": 1234 * time.Microsecond, "00:01:02": 62 * time.Second, "100:00:00.5": 100*time.Hour + time.Second/2,
		"1 day 02:03:04": 26*time.Hour + 3*time.Minute + 4*time.Second, "2 days 00:00:00": 48 * time.Hour,
		"0:00:00.25": time.Second / 4, "1 2:00:00": 26 * time.Hour,
		"PT0.001234S": 1234 * time.Microsecond, "P1DT2H3M4S": 26*time.Hour + 3*time.Minute + 4*time.Second,
		"@ 0.001234 secs": 1234 * time.Microsecond, "@ 1 day 2 hours 3 mins 4 secs": 26*time.Hour + 3*time.Minute + 4*time.Second,
	} {
		if got, ok := ReadClock("rung:abc:7@" + text); got != want || !ok {
			t.Errorf("%s: %s, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "rung:abc:7", "rung:abc:7@", "rung:abc:7@soon"} {
		if got, ok := ReadClock(text); ok {
			t.Errorf("%q: %s", text, got)
		}
	}
}
