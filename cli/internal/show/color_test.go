package show

import (
	"bytes"
	"testing"
)

// What is in a text cannot colour anything.
func TestColorsAreRungsOwn(t *testing.T) {
	on := true
	var b bytes.Buffer
	if _, err := NewGuarded(&b, &on).Write([]byte("up a\x1b[31m\nupper\n  up\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), green+"up"+plain+" a\\x1b[31m\nupper\n  up\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
