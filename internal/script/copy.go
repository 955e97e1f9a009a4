package script

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// copyOptions notes the options of a COPY, in parentheses or not.
type copyOptions struct {
	last     string // the last token, if it was one of the words below
	binary   bool
	encoding string // another than UTF-8, or ""
}

func (o *copyOptions) took(k kind, text []byte) {
	if k == word || k == quoted || k == literal {
		value := bytes.Trim(text, `'"`)
		switch {
		case o.last == "FORMAT" && is(value, "BINARY"):
			o.binary = true
		case o.last == "ENCODING" && !IsUTF8(string(value)):
			o.encoding = string(value)
		}
	}
	o.last = ""
	for _, w := range []string{"FORMAT", "ENCODING"} {
		if k == word && is(text, w) {
			o.last = w
		}
	}
}

// IsUTF8 reports whether PostgreSQL takes the name for that of UTF-8, whatever
// signs and capitals it is written with (pg_char_to_encoding in encnames.c).
func IsUTF8(name string) bool {
	name = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(name))
	return name == "utf8" || name == "unicode"
}

// isCopyIn reports whether the statement reads data from the file. Of COPY in
// either direction it notes what cannot work.
func (s *splitter) isCopyIn(terminated bool) bool {
	c := &s.cur
	if c.words[0] != "COPY" {
		return false
	}
	if hasPair(c.words, "TO") > 0 {
		s.wrong.add(c.pos, "COPY … TO STDOUT has nowhere to go", "a migration has no output; use COPY … TO 'file', or psql's \\copy outside of rung")
		return false
	}
	from := hasPair(c.words, "FROM")
	if from < 0 {
		return false
	}
	if c.copy.binary || c.words[1] == "BINARY" || slices.Contains(c.words[from+2:], "BINARY") {
		s.wrong.add(c.pos, "COPY … FROM STDIN in binary format", "a text file cannot hold binary data; use the text or the csv format")
	}
	if c.copy.encoding != "" {
		s.wrong.add(c.pos, "COPY … FROM STDIN in the encoding "+brief([]byte(c.copy.encoding)), "write UTF8, or leave the option away: the data stands in this file, whose text is UTF-8")
	}
	if !terminated {
		s.wrong.add(c.pos, "COPY … FROM STDIN without a `;`", "end it with `;`, put its data below, and a line `\\.` after that")
	}
	return terminated
}

// hasPair is the index of FROM (or TO) with STDIN behind it. The grammar takes
// STDOUT for STDIN and the other way round (copy_file_name in gram.y).
func hasPair(words []string, direction string) int {
	for i := 1; i+1 < len(words); i++ {
		if words[i] == direction && (words[i+1] == "STDIN" || words[i+1] == "STDOUT") {
			return i
		}
	}
	return -1
}

// endOfCopyLine is the end of the line whose COPY ended at b[end]. The data
// starts on the next line, whatever stands on this one: psql sends the COPY
// at its semicolon and then reads on by the line.
func (s *splitter) endOfCopyLine(end int) int {
	s.pos = end
	s.skipPast('\n')
	if bad := s.afterCopy(end, s.pos); bad >= 0 {
		s.problem(bad, "something follows COPY … FROM STDIN on its line", "end the line after the `;`: the data starts on the next line")
	}
	return s.pos
}

// afterCopy is the index of the first thing in b[from:to] that is neither
// blank nor a comment that ends there, or -1.
func (s *splitter) afterCopy(from, to int) int {
	bad := -1
	line := lexer{
		src:      source{buf: s.b[from:to], err: io.EOF}, // no more than this line
		b:        s.b[from:to],
		unclosed: func(at int, _, _ string) { bad = from + at },
	}
	for line.has(0) {
		at := line.pos
		switch {
		case class[line.b[at]]&blank != 0:
			line.skip(blank)
		case !line.atComment():
			return from + at
		case line.b[at] == '-':
			line.skipUntil(endOfLine)
			s.lineDirective(from+at, from+line.pos)
		default:
			line.blockComment()
		}
	}
	return bad
}
