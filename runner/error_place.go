package runner

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/script"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

// placeOf finds where in the file a failure of statement i belongs that the
// server gave no position in the message for. Exact is true where the column
// is the server's.
func placeOf(s *files.Script, p *pq.Error, i int) (at script.Pos, exact bool) {
	st := &s.Parsed.Statements[i]
	if n := number(copyLine, p.Where); n > 0 && st.Data != nil {
		return script.Pos{Line: s.DataLine(st, n), Col: 1}, false
	}
	if at, ok := inBody(p, st); ok {
		return at, true
	}
	if n := number(doLine, p.Where); n > 0 {
		if body := doBody.FindStringSubmatchIndex(st.Text[st.Lead:]); body != nil {
			opens := pgconn.Walk(st.Start, st.Text, utf8.RuneCountInString(st.Text[:st.Lead+body[2]]))
			return script.Pos{Line: opens.Line + n - 1, Col: 1}, false
		}
	}
	return st.Pos, false
}

var (
	// The server's words around the numbers are in its own language.
	copyLine = lazyre.New(`(?m)^COPY .*?, \pL+ (\d+)`)
	doLine   = lazyre.New(`(?m)inline_code_block \pL+ (\d+)`)
	doBody   = lazyre.New(`(?is)^DO\s+(?:LANGUAGE\s+\S+\s+)?(?:E?'|(\$))`)
)

func number(pattern *lazyre.Regexp, text string) int {
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
// match_prosrc_to_query): the history keeps a copy of the file.
func inBody(p *pq.Error, st *script.Statement) (script.Pos, bool) {
	n, err := strconv.Atoi(p.InternalPosition)
	if err != nil || p.InternalQuery == "" || strings.Count(st.Text, p.InternalQuery) != 1 {
		return script.Pos{}, false
	}
	before := utf8.RuneCountInString(st.Text[:strings.Index(st.Text, p.InternalQuery)])
	return pgconn.Walk(st.Start, st.Text, before+n-1), true
}

// ErrorIn gives the error of statement i of a script, which was sent by itself, its place in
// the file.
func ErrorIn(s *Script, i int, err error) *StatementError {
	e := &StatementError{File: s.Path, Err: err, Attempts: 1}
	at := s.Pos(i)
	if p := pq.As(err); p != nil {
		exact := false
		if n, failed := strconv.Atoi(p.Position); failed == nil && n > 0 {
			at, exact = pgconn.Walk(at, s.Bare(i), n-1), true
		} else {
			at, exact = placeOf(s, p, i)
		}
		if exact {
			e.Caret = at.Col
		}
	}
	e.Line, e.Col = at.Line, at.Col
	e.Source = s.SourceLine(e.Line)
	e.Hint = hint(err, s, s.StepOf(i), i, false)
	return e
}
