package shell

import (
	"os/exec"
	"testing"
)

// What stands in the head of a file is what a person would have typed.
func TestQuote(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"table=users":      "table=users",
		"value=lower(a)":   "'value=lower(a)'",
		"default=''":       `"default=''"`,
		"value='x'||a":     `"value='x'||a"`,
		"value='a$b'":      `'value='\''a$b'\'''`,
		`value='\x'`:       `'value='\''\x'\'''`,
		`table="it's"`:     `'table="it'\''s"'`,
		"value='a!b`c`'":   "'value='\\''a!b`c`'\\'''",
		"value=count(*)>1": "'value=count(*)>1'",
	} {
		got := Quote(word)
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+got).Output(); err != nil || string(out) != word {
			t.Errorf("%s: a shell reads %q of it, %v", got, out, err)
		}
		if got != want {
			t.Errorf("%s: %s, not %s", word, got, want)
		}
	}
}
