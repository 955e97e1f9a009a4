package cli

import (
	"bytes"
	"strings"
	"testing"

	"rung/cli/internal/fault"
)

func TestColors(t *testing.T) {
	for _, test := range []struct {
		args    []string
		colored bool
	}{
		{[]string{"--color", "always", "nosuch"}, false}, // not read yet
		{[]string{"--color", "always", "plan", "x"}, true},
		{[]string{"--color=never", "plan", "x"}, false},
		{[]string{"plan", "x"}, false}, // no terminal
		{[]string{"--color", "always", "--log-format", "json", "plan", "x"}, false},
	} {
		var out, errs bytes.Buffer
		code := Run(append([]string{"rung"}, test.args...), strings.NewReader(""), &out, &errs)
		if code != fault.ExitUsage || strings.Contains(errs.String(), "\x1b[1;31mrung:\x1b[0m ") != test.colored || strings.Contains(errs.String(), "\x1b") != test.colored {
			t.Errorf("%q: exit status %d: %q", test.args, code, errs.String())
		}
	}
}
