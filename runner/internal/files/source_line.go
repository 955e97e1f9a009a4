package files

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/script"
)

// DataLine is the line of the file that holds line n of a COPY block. In the
// text format a backslash before a line end makes it part of the data, and
// the server does not count it; in csv it counts every line end.
func (s *Script) DataLine(st *script.Statement, n int) int {
	line := st.Data.Line
	if csvFormat.MatchString(st.Text) {
		return line + n - 1
	}
	_ = s.eachLine(st, func(text []byte) bool {
		slashes := len(text) - len(strings.TrimRight(string(text), `\`))
		if slashes%2 == 0 {
			n--
		}
		if n > 0 {
			line++
		}
		return n > 0
	})
	return line
}

var csvFormat = lazyre.New(`(?i)\bcsv\b`)

// eachLine hands out the lines of a COPY block, of long ones the end, until f
// returns false.
func (s *Script) eachLine(st *script.Statement, f func(line []byte) bool) error {
	file, err := s.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReader(script.OpenData(file).Block(st.Data))
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (err != io.EOF || len(line) == 0) {
			return err
		}
		if !f(trimEnd(line)) || err != nil {
			return nil
		}
	}
}

func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		return line[:n-1]
	}
	return line
}

// SourceLine is a line of the file, as far as SQL and comments go. A password in
// it is hidden here, where the keyword may be seen that stands a line above.
func (s *Script) SourceLine(line int) string {
	var b strings.Builder
	add := func(start script.Pos, text string) {
		for n := start.Line; n <= line; n++ {
			part, rest, more := strings.Cut(text, "\n")
			if n == line {
				b.WriteString(part)
			}
			if text = rest; !more {
				return
			}
		}
	}
	for i := range s.Parsed.Statements {
		st := &s.Parsed.Statements[i]
		if st.Start.Line > line {
			break
		}
		add(st.Start, s.mask(st.Text))
		if d := st.Data; d != nil && line >= d.Line {
			if text, ok := s.dataText(st, line); ok {
				return s.maskedData(text)
			}
		}
	}
	return strings.TrimRight(b.String(), " \t\r")
}

// shownData is how much of a line of COPY data is shown: it may have any length.
const shownData = 200

// dataText is a line of the file that lies in a COPY block.
func (s *Script) dataText(st *script.Statement, line int) (text string, ok bool) {
	n := st.Data.Line
	_ = s.eachLine(st, func(data []byte) bool {
		if n == line {
			text, ok = strings.ToValidUTF8(string(data[:min(len(data), shownData)]), ""), true
		}
		n++
		return n <= line
	})
	return text, ok
}
