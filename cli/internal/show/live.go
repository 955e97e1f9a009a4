package show

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// Live is the line at the foot of a terminal that says what is going on. It is
// drawn over and over in one place, fits the terminal's width whatever that is
// just now, and leaves nothing behind.
type Live struct {
	f     *os.File // nil where there is no terminal
	width int      // of what stands there; 0: nothing does
	drawn time.Time
}

// drawEvery is how often the line may change.
const drawEvery = 100 * time.Millisecond

// NewLive draws on w, where that is a terminal.
func NewLive(w io.Writer) Live {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return Live{}
	}
	return Live{f: f}
}

// Draws reports whether there is a terminal to draw on.
func (l *Live) Draws() bool { return l.f != nil }

// columns is how wide the terminal is. One that does not know has 80.
func (l *Live) columns() int {
	if width, _, err := term.GetSize(int(l.f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// Draw shows what fit makes for a width. The last column stays free: a terminal
// may go on to the next line by itself when that is written to.
func (l *Live) Draw(fit func(width int) string) {
	if l.width > 0 && time.Since(l.drawn) < drawEvery {
		return
	}
	columns := l.columns()
	line := cut(Visible(fit(columns-1)), columns-1)
	erase := l.erase(columns)
	l.width, l.drawn = uniseg.StringWidth(line), time.Now()
	_, _ = io.WriteString(l.f, erase+line) // it only draws
}

// Clear takes the line away before something else is printed.
func (l *Live) Clear() {
	if l.width == 0 {
		return
	}
	_, _ = io.WriteString(l.f, l.erase(l.columns())) // it only draws
	l.width = 0
}

// erase goes back to where the line begins and clears what comes behind. In a
// terminal that was made narrower since, the line has gone on to further rows.
func (l *Live) erase(columns int) string {
	s := "\r"
	if rows := (l.width - 1) / columns; l.width > 0 && rows > 0 {
		s += fmt.Sprintf("\x1b[%dA", rows)
	}
	return s + "\x1b[J"
}

// cut shortens a text to a width.
func cut(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var b strings.Builder
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if width -= g.Width(); width < 1 {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// CutFront shortens a text to a width, and keeps its end: that of a path says more.
func CutFront(s string, width int) string {
	all := uniseg.StringWidth(s)
	if all <= width {
		return s
	}
	g := uniseg.NewGraphemes(s)
	for all > width-1 && g.Next() {
		all -= g.Width()
	}
	_, to := g.Positions()
	return "…" + s[to:]
}

// Fitted joins with two blanks what has room of the parts, the first ones first.
// The first part is shortened if need be, and so is the last one that is shown.
func Fitted(width int, parts ...string) string {
	const least = 12 // below it a shortened part says nothing
	line := CutFront(parts[0], width)
	for _, part := range parts[1:] {
		room := width - uniseg.StringWidth(line) - 2
		switch {
		case part == "":
		case uniseg.StringWidth(part) <= room:
			line += "  " + part
		case room >= least:
			return line + "  " + cut(part, room)
		default:
			return line
		}
	}
	return line
}
