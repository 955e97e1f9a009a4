package importer

import (
	"strings"

	"rung/internal/script"
)

// Text is a file of a pair. It knows where each line comes from.
type Text struct {
	lines []line
	// whole is true of a file that is taken as it is, to the byte: its checksum
	// is then what some tools recorded. open is true where it lacks the last
	// line's end.
	whole, open bool
}

type line struct {
	text string
	from place
}

// place is a line of a file; a line that the import wrote itself has that of
// the line it belongs to.
type place struct {
	path string
	no   int
}

// String is the text of the file.
func (t *Text) String() string {
	var b strings.Builder
	for _, l := range t.lines {
		b.WriteString(l.text + "\n")
	}
	if t.whole && t.open {
		return strings.TrimSuffix(b.String(), "\n")
	}
	return b.String()
}

// add takes line i of a source, which counts from 0.
func (t *Text) add(s *source, i int) { t.addAs(s, i, s.lines[i]) }

// addAs takes a line in another wording.
func (t *Text) addAs(s *source, i int, text string) {
	t.lines = append(t.lines, line{text, place{s.path, i + 1}})
}

// whole is a file as it is.
func whole(s *source) *Text {
	t := &Text{whole: true, open: s.open}
	for i := range s.lines {
		t.add(s, i)
	}
	return t
}

// directive puts a directive at the head.
func (t *Text) directive(d string) {
	head := line{text: "-- " + d}
	if len(t.lines) > 0 {
		head.from = t.lines[0].from
	}
	t.lines, t.whole = append([]line{head}, t.lines...), false
}

// noTransaction has rung send each statement by itself, as the tool does.
func (t *Text) noTransaction() { t.directive("rung:no-transaction") }

// blank reports whether it holds nothing but blanks and line comments.
func (t *Text) blank() bool {
	for _, l := range t.lines {
		if isStatementLine(l.text) {
			return false
		}
	}
	return true
}

// isStatementLine reports whether a line has more than blanks and a comment.
func isStatementLine(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && !strings.HasPrefix(text, "--")
}

// trim takes away the blank lines at both ends, of what was cut out of a file.
func (t *Text) trim() {
	if t.whole && !t.blank() {
		return
	}
	for len(t.lines) > 0 && strings.TrimSpace(t.lines[0].text) == "" {
		t.lines = t.lines[1:]
	}
	for n := len(t.lines); n > 0 && strings.TrimSpace(t.lines[n-1].text) == ""; n-- {
		t.lines = t.lines[:n-1]
	}
}

// terminate ends what was added since line n with a semicolon, where it has
// none: the tool took a marker for the end, and rung takes the semicolon. It
// reports whether it had none.
func (t *Text) terminate(n int) (added bool) {
	block := &Text{lines: t.lines[n:]}
	file, err := script.Split(strings.NewReader(block.String()))
	if err != nil || len(file.Statements) == 0 || file.Statements[len(file.Statements)-1].Terminated {
		return false
	}
	for i := len(t.lines) - 1; i >= n; i-- {
		switch l := &t.lines[i]; {
		case strings.TrimSpace(l.text) == "":
		case strings.Contains(l.text, "--") || strings.Contains(l.text, "*/"):
			t.lines = append(t.lines, line{";", l.from})
			return true
		default:
			l.text = strings.TrimRight(l.text, " \t") + ";"
			return true
		}
	}
	return false
}

// place is where line n, from 1, comes from.
func (t *Text) place(n int) place {
	if len(t.lines) == 0 {
		return place{}
	}
	return t.lines[min(max(n, 1), len(t.lines))-1].from
}

// firstLine is the number of the first line of it in its file.
func (t *Text) firstLine() int {
	if len(t.lines) == 0 {
		return 0
	}
	return t.lines[0].from.no
}
