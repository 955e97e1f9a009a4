package runner

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"

	"rung/internal/script"
)

// place finds where in the file a failure of statement i belongs that the
// server gave no position in the message for. Exact is true where the column
// is the server's.
func (s *Script) place(p *pq.Error, i int) (at script.Pos, exact bool) {
	st := &s.file.Statements[i]
	if n := number(copyLine, p.Where); n > 0 && st.Data != nil {
		return script.Pos{Line: s.dataLine(st, n), Col: 1}, false
	}
	if at, ok := inBody(p, st); ok {
		return at, true
	}
	if n := number(doLine, p.Where); n > 0 {
		if body := doBody.FindStringSubmatchIndex(st.Text[st.Lead:]); body != nil {
			opens := walk(st.Start, st.Text, utf8.RuneCountInString(st.Text[:st.Lead+body[2]]))
			return script.Pos{Line: opens.Line + n - 1, Col: 1}, false
		}
	}
	return st.Pos, false
}

var (
	// The server's words around the numbers are in its own language.
	copyLine = regexp.MustCompile(`(?m)^COPY .*?, \pL+ (\d+)`)
	doLine   = regexp.MustCompile(`(?m)inline_code_block \pL+ (\d+)`)
	doBody   = regexp.MustCompile(`(?is)^DO\s+(?:LANGUAGE\s+\S+\s+)?(?:E?'|(\$))`)
)

func number(pattern *regexp.Regexp, text string) int {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// inBody finds a query of the server's own that is part of the statement: the
// body of a function, or a statement of a DO block. The server would find a
// body by itself, were its text not in the message twice (pg_proc.c,
// match_prosrc_to_query): the record keeps a copy of the file.
func inBody(p *pq.Error, st *script.Statement) (script.Pos, bool) {
	n, err := strconv.Atoi(p.InternalPosition)
	if err != nil || p.InternalQuery == "" || strings.Count(st.Text, p.InternalQuery) != 1 {
		return script.Pos{}, false
	}
	before := utf8.RuneCountInString(st.Text[:strings.Index(st.Text, p.InternalQuery)])
	return walk(st.Start, st.Text, before+n-1), true
}

// dataLine is the line of the file that holds line n of a COPY block. In the
// text format a backslash before a line end makes it part of the data, and
// the server does not count it; in csv it counts every line end.
func (s *Script) dataLine(st *script.Statement, n int) int {
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

var csvFormat = regexp.MustCompile(`(?i)\bcsv\b`)

// eachLine hands out the lines of a COPY block, of long ones the end, until f
// returns false.
func (s *Script) eachLine(st *script.Statement, f func(line []byte) bool) error {
	file, err := s.open()
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

// sourceLine is a line of the file, as far as SQL and comments go. A password in
// it is hidden here, where the keyword may be seen that stands a line above.
func (s *Script) sourceLine(line int) string {
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
	for i := range s.file.Statements {
		st := &s.file.Statements[i]
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
