package lock

import (
	"testing"
	"time"

	"rung/runner/internal/files"
)

func TestClaim(t *testing.T) {
	for _, name := range []string{"sql/1_a.up.sql", "sql/*/ü \"q\"\n.up.sql", "a\\b\x1b\xff"} {
		file, took, ok := readClaim(Task{Direction: files.Up, Script: &files.Script{Path: name}}.claim(1500*time.Millisecond) + "SELECT 1")
		if !ok || file != name || took != 1500*time.Millisecond {
			t.Errorf("%q: %q, %v, %v", name, file, took, ok)
		}
	}
	for _, query := range []string{"", "SELECT 1", "-- rung: up \"a", "-- rung: up \"a\" for x ms\n", "<insufficient privilege>"} {
		if file, _, ok := readClaim(query); ok {
			t.Errorf("%q names the file %q", query, file)
		}
	}
}
