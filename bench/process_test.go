package main

import (
	"strings"
	"testing"
)

func TestMeasuredProcess(t *testing.T) {
	t.Run("sees nothing of the caller's environment", func(t *testing.T) {
		t.Setenv("PGHOST", "elsewhere")
		t.Setenv("DATABASE_URL", "postgres://elsewhere")
		script := `test -z "$PGHOST$DATABASE_URL" && test "$PWD" = "$HOME"`
		got, err := measureProcess(t.Context(), t.TempDir(), "sh", []string{"-c", script})
		if err != nil {
			t.Fatal(err)
		}
		if got.wall <= 0 || got.maxRSS <= 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("its failure says why", func(t *testing.T) {
		script := "echo 'error: no such table'; echo bye; exit 3"
		_, err := measureProcess(t.Context(), t.TempDir(), "sh", []string{"-c", script})
		if err == nil || !strings.Contains(err.Error(), "exit status 3: error: no such table") {
			t.Error(err)
		}
	})
}
