package cli

import (
	"strings"
	"testing"

	"rung/runner"
)

// Each directive that a file may hold has its line in `rung help directives`.
func TestTopicOfDirectives(t *testing.T) {
	text := output(t, "help", "directives")
	if text != output(t, "topic", "directives") {
		t.Error("rung help and rung topic differ")
	}
	for _, name := range runner.Directives() {
		if !strings.Contains(text, "\n   -- rung:"+name+" ") {
			t.Errorf("rung help directives does not tell of %s", name)
		}
	}
}

// Each variable that sets a flag has its line in `rung help environment`.
func TestTopicOfTheEnvironment(t *testing.T) {
	text := output(t, "help", "environment")
	for _, name := range []string{"RUNG_DATABASE_URL, DATABASE_URL", "RUNG_UP_TO", "RUNG_LOCK_TIMEOUT", "DATABASE_URL_FILE", "NO_COLOR"} {
		if !strings.Contains(text, "   "+name+" ") {
			t.Errorf("rung help environment does not tell of %s", name)
		}
	}
}
