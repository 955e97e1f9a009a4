//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asTyped has a zsh in a terminal of its own complete a line, and prints what
// then stands on it. Nothing of it runs.
const asTyped = `
zmodload zsh/zpty
zpty shell zsh -f
zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source ./zsh
shown() { print -r -- "<$BUFFER>"; BUFFER=; zle accept-line }; zle -N shown; bindkey "^X" shown; bindkey "^I" complete-word
print ready-$((40 + 2))'
zpty -r -m shell seen '*ready-42*' || exit 1
zpty -w -n shell "$1"$'\t\x18'
zpty -r -m shell seen '*<*>*' || exit 1
print -r -- "$seen"
`

// A TAB in zsh writes what rung lists.
func TestCompletionInZsh(t *testing.T) {
	t.Parallel()
	programs := programs(t)
	dir := t.TempDir()
	script, err := completions.ReadFile("completion/zsh")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"zsh": string(script), "000012_a.up.sql": "CREATE TABLE orders (id int);\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{
		"rung stat":               "rung status ",
		"rung up --no-bat":        "rung up --no-batches ",
		"rung --dir . up --to 00": "rung --dir . up --to 000012 ",
		"rung new x --template set-not-null --set col":             "rung new x --template set-not-null --set column=",
		"rung new x --dir . --template set-not-null --set table=o": "rung new x --dir . --template set-not-null --set table=orders ",
		"rung sandbox -- ./zs":                                     "rung sandbox -- ./zsh ",
	} {
		cmd := exec.Command("zsh", "-f", "-c", asTyped, "zsh", typed)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"), "TERM=dumb")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "<"+want+">") {
			t.Errorf("%q: %v: %q, want %q", typed, err, out, want)
		}
	}
}
