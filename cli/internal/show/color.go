package show

import (
	"io"
	"os"

	"golang.org/x/term"

	"rung/internal/lazyre"
)

// painted colours the words by which a line tells what it is. It stands behind
// what hides control characters, so no text of a server's can colour anything.
type painted struct {
	w  io.Writer
	on *bool
}

// The colours of a terminal, by the numbers of ECMA-48 (SGR).
const (
	red    = "\x1b[1;31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	plain  = "\x1b[0m"
)

var paints = map[string]string{
	"rung:": red, "problem:": red, "danger": red, "error": red,
	"warning:": yellow, "warning": yellow, "blocked": yellow,
	"hint:": cyan, "notice": cyan,
	"up": green, "down": green,
}

var firstWord = lazyre.New(`(?m)^\w+:?( |$)`)

func (p painted) Write(text []byte) (int, error) {
	if !*p.on {
		return p.w.Write(text)
	}
	colored := firstWord.ReplaceAllStringFunc(string(text), func(word string) string {
		name := word[:len(word)-len(firstWord.FindStringSubmatch(word)[1])]
		if color := paints[name]; color != "" {
			return color + name + plain + word[len(name):]
		}
		return word
	})
	if _, err := io.WriteString(p.w, colored); err != nil {
		return 0, err
	}
	return len(text), nil
}

// NewGuarded is a way out that hides passwords, escapes what is not seen, and then
// colours, where on says so.
func NewGuarded(w io.Writer, on *bool) Guarded { return Guarded{painted{w, on}} }

// Colored reports whether --color means a stream to be coloured. NO_COLOR is
// the one of https://no-color.org. A word that is none of its own is not known.
func Colored(when string, w io.Writer) (on, known bool) {
	switch when {
	case "always":
		return true, true
	case "never":
		return false, true
	case "auto":
		f, ok := w.(*os.File)
		return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd())), true
	}
	return false, false
}
