package cli

import (
	"bytes"
	"strings"
	"testing"
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
		if code != exitUsage || strings.Contains(errs.String(), red+"rung:"+plain+" ") != test.colored || strings.Contains(errs.String(), "\x1b") != test.colored {
			t.Errorf("%q: exit status %d: %q", test.args, code, errs.String())
		}
	}
}

// What is in a text cannot colour anything.
func TestColorsAreRungsOwn(t *testing.T) {
	on := true
	var b bytes.Buffer
	if _, err := (guarded{painted{&b, &on}}).Write([]byte("up a\x1b[31m\nupper\n  up\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), green+"up"+plain+" a\\x1b[31m\nupper\n  up\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
