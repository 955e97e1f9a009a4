package script

import (
	"bytes"
	"fmt"
)

// backslash deals with a psql meta-command: to the server a backslash outside
// of quotes means nothing.
func (s *splitter) backslash() {
	from := s.pos
	if s.skipPast('\n') {
		s.pos--
	}
	line := s.b[from:s.pos]
	if s.cur.first < 0 && s.startsLine(from) && isRestrict(line) {
		for i := range line {
			line[i] = ' '
		}
		return
	}
	command := commandOf(line)
	s.problem(from, fmt.Sprintf("psql meta-command %s", brief(command)), metaFix(string(command)))
	if s.cur.first >= 0 {
		s.cur.last = s.pos
	}
}

func (s *splitter) startsLine(i int) bool {
	if i == 0 {
		return s.start.Col == 1
	}
	return s.b[i-1] == '\n'
}

// isRestrict reports whether a line is one of the two that pg_dump puts around
// its output (since 18, and the minor releases of August 2025): they protect
// psql from a hostile dump, and rung runs no meta-commands anyway.
func isRestrict(line []byte) bool {
	f := bytes.Fields(line)
	if len(f) != 2 || (string(f[0]) != `\restrict` && string(f[0]) != `\unrestrict`) {
		return false
	}
	for _, c := range f[1] {
		if class[c]&digit == 0 && (class[c]&identStart == 0 || c >= 0x80) {
			return false
		}
	}
	return true
}

// commandOf is the backslash and the name behind it, up to a blank or another
// backslash, as psqlscanslash.l reads it; \; and \: are names of their own
// (psqlscan.l).
func commandOf(line []byte) []byte {
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case i == 1 && (c == ';' || c == ':'):
			return line[:2]
		case class[c]&blank != 0 || c == '\\' && i > 1:
			return line[:i]
		}
	}
	return line
}

func metaFix(command string) string {
	switch command {
	case `\.`:
		return "it ends the data of a COPY … FROM STDIN; is that missing, or its `;`?"
	case `\;`, `\:`:
		return "write it without the backslash"
	case `\i`, `\ir`, `\include`, `\include_relative`:
		return "put the SQL of that file here, or in a migration of its own"
	case `\copy`:
		return "use COPY … FROM STDIN with the data below it, down to a line `\\.`"
	case `\c`, `\connect`:
		return "remove it; the database is the one that rung is connected to"
	case `\g`, `\gx`, `\gexec`, `\gset`, `\gdesc`, `\crosstabview`:
		return "end the statement with `;`"
	}
	return "remove it, or write it in SQL; rung sends files to the server without psql"
}
