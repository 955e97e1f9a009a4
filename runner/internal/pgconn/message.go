package pgconn

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"

	"rung/internal/script"
	"rung/runner/internal/files"
)

// Message is what goes to the server as one simple query: bookkeeping and the
// file's statements. It remembers where each statement lies, since the server
// counts an error's position in characters of the whole message.
type Message struct {
	Text   strings.Builder
	chars  int
	pieces []piece
}

// piece is a statement's place in the message.
type piece struct {
	script    *files.Script
	Statement int
	from, to  int // in characters, from the message's start
	end       int // of the semicolon that was added, if the file has none
}

// Say adds bookkeeping.
func (m *Message) Say(sql string) {
	m.Text.WriteString(sql)
	m.chars += utf8.RuneCountInString(sql)
}

// Statement adds statement i of a script, byte for byte, and ends it if the
// file does not.
func (m *Message) Statement(s *files.Script, i int) {
	st := &s.Parsed.Statements[i]
	from := m.chars
	m.Say(st.Text)
	to := m.chars
	if st.Terminated {
		m.Say("\n")
	} else {
		m.Say("\n;\n")
	}
	m.pieces = append(m.pieces, piece{s, i, from, to, m.chars})
}

// Prepared adds what a PREPARE … AS takes: statement i without the comments
// above it and the semicolon behind it.
func (m *Message) Prepared(s *files.Script, i int) {
	st := &s.Parsed.Statements[i]
	from := m.chars - utf8.RuneCountInString(st.Text[:st.Lead])
	m.Say(s.Bare(i))
	to := m.chars
	m.Say("\n;\n")
	m.pieces = append(m.pieces, piece{s, i, from, to, m.chars})
}

// MessageOfCopy is that of a COPY, statement i of a script, which goes alone: pq
// wants COPY first in the query.
func MessageOfCopy(s *files.Script, i int) *Message {
	st := &s.Parsed.Statements[i]
	from := -utf8.RuneCountInString(st.Text[:st.Lead])
	end := from + utf8.RuneCountInString(st.Text)
	return &Message{chars: from, pieces: []piece{{s, i, from, end, end}}}
}

// Find maps a position of the server's, counted from 1, to the statement and
// its place in the file. Ok is false for a position in the bookkeeping.
func (m *Message) Find(position string) (p piece, place script.Pos, ok bool) {
	n, err := strconv.Atoi(position)
	if err != nil {
		return piece{}, script.Pos{}, false
	}
	for _, p := range m.pieces {
		if p.from < n && n <= p.end {
			st := &p.script.Parsed.Statements[p.Statement]
			return p, Walk(st.Start, st.Text, min(n-1, p.to)-p.from), true
		}
	}
	return piece{}, script.Pos{}, false
}

// InCharacters counts an error's positions anew: a SQL_ASCII database knows no
// characters, so there they are in bytes (mbutils.c, pg_mbstrlen_with_len).
func (m *Message) InCharacters(p *pq.Error) {
	count := func(position *string, text string) {
		if n, err := strconv.Atoi(*position); err == nil && n > 0 && n <= len(text) {
			*position = strconv.Itoa(utf8.RuneCountInString(text[:n-1]) + 1)
		}
	}
	count(&p.Position, m.Text.String())
	count(&p.InternalPosition, p.InternalQuery)
}

// Walk moves a place on by a number of characters of the text.
func Walk(at script.Pos, text string, chars int) script.Pos {
	for _, c := range text {
		if chars == 0 {
			break
		}
		chars--
		at.Col++
		if c == '\n' {
			at.Line, at.Col = at.Line+1, 1
		}
	}
	return at
}
