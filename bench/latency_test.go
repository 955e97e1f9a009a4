package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestLatenciesAreOfWhatWasDueInTime(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log.1")
	// Client, transaction, latency, script, seconds, microseconds, lag.
	err := os.WriteFile(log, []byte(`0 1 900 0 99 999999 12
1 1 2500 1 100 500000 12
0 2 3000000 1 104 0 2000000
1 2 700 0 102 900 12
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readLatencies([]string{log}, time.Unix(100, 0), time.Unix(102, 0))
	want := []time.Duration{2500 * time.Microsecond, 3 * time.Second}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := readLatencies([]string{log}, time.Unix(200, 0), time.Unix(300, 0)); err == nil {
		t.Error("no transaction is no error")
	}
}

func TestBadLogLine(t *testing.T) {
	for _, line := range []string{"", "0 1 900 0 99", "0 1 skipped 0 99 1 12"} {
		if _, _, err := parseLogLine(line); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}

func TestPercentile(t *testing.T) {
	var values []time.Duration
	for i := range 1000 {
		values = append(values, time.Duration(i+1))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 500, 0.999: 999, 1: 1000} {
		if got := percentile(values, share); got != want {
			t.Errorf("%v: got %d, want %d", share, got, want)
		}
	}
	if got := percentile(values[:1], 0.999); got != 1 {
		t.Error("of one value:", got)
	}
}
