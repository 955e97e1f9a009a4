package script

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// copyData reads the data block that starts at b[0], forgetting it as it goes,
// and the line that ends it. As in psql (handleCopyIn in src/bin/psql/copy.c)
// that is a line `\.` and nothing else; the quotes of the csv format hide none.
// At the end of the file it needs no newline, as the server takes it so.
func (s *splitter) copyData(copyAt Pos) *Data {
	d := &Data{Offset: s.src.base, Line: s.start.Line}
	sum := sha256.New()
	take := func() {
		sum.Write(s.b[:s.pos])
		s.forget()
	}
	for lineStart := true; s.has(0) && !(lineStart && s.copyEnd() > 0); {
		i := bytes.IndexByte(s.b[s.pos:], '\n')
		if lineStart = i >= 0; lineStart {
			s.pos += i + 1
		} else {
			s.pos = len(s.b)
		}
		if s.pos >= chunk/2 {
			take()
		}
	}
	take()
	d.Size = s.src.base - d.Offset
	d.Checksum = hex.EncodeToString(sum.Sum(nil))
	d.Terminator = s.copyEnd()
	s.pos = d.Terminator
	s.forget()
	if d.Terminator == 0 {
		s.wrong.add(copyAt, "the data of COPY … FROM STDIN has no end", "put a line `\\.` after its last row")
	}
	return d
}

// copyEnd is the length of the line at pos if it ends a data block, or 0.
func (s *splitter) copyEnd() int {
	switch {
	case s.peek(0) != '\\' || s.peek(1) != '.':
		return 0
	case !s.has(2):
		return 2
	case s.b[s.pos+2] == '\n':
		return 3
	}
	return 0
}
