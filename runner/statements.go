package runner

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"rung/internal/script"
)

// Statement is one statement of a script, for those who run it elsewhere to see
// what it does.
type Statement struct {
	// Line and Col are the place of its first token, LastLine that of its last.
	Line, Col, LastLine int
	// SQL is its text without the comments above it and the semicolon.
	SQL string
	// Words are its first tokens, keywords in upper case.
	Words []string
	// Params is the highest n of its parameters $n, or 0.
	Params int
	// Data is true for a COPY … FROM STDIN with a data block.
	Data bool
	// Allows are the `-- rung:allow` above and in it.
	Allows []Allow
}

// Allow is one `-- rung:allow ID reason`.
type Allow struct {
	ID, Reason string
	Line       int
}

// Statements lists the script's statements, BEGIN and COMMIT among them.
func (s *Script) Statements() []Statement {
	all := make([]Statement, len(s.file.Statements))
	for i := range all {
		st := &s.file.Statements[i]
		all[i] = Statement{Line: st.Pos.Line, Col: st.Pos.Col, SQL: s.bare(i), Words: st.Words, Params: bits.Len64(st.Params >> 1), Data: st.Data != nil, Allows: s.allows(i)}
		all[i].LastLine = st.Pos.Line + strings.Count(strings.TrimRight(st.Text[st.Lead:], " \t\n"), "\n")
	}
	return all
}

// StrayAllows are the `-- rung:allow` that no statement follows.
func (s *Script) StrayAllows() []Allow { return s.allows(len(s.file.Statements)) }

func (s *Script) allows(i int) (all []Allow) {
	for _, d := range s.file.Directives {
		if d.Name == "allow" && d.Statement == i {
			id, reason, _ := strings.Cut(d.Args, " ")
			all = append(all, Allow{ID: id, Reason: strings.TrimSpace(reason), Line: d.Pos.Line})
		}
	}
	return all
}

// Session are the indexes of the SETs that are sent again with the step.
func (s Step) Session() []int { return slices.Clone(s.session) }

// Copy runs statement i, a COPY … FROM STDIN, with its data block.
func (s *Script) Copy(ctx context.Context, c driver.Conn, i int) error {
	st := &s.file.Statements[i]
	file, err := s.open()
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Path, err)
	}
	defer file.Close()
	prepared, err := c.Prepare(st.Text[st.Lead:])
	if err != nil {
		return err
	}
	err = stream(ctx, prepared, script.OpenData(file).Block(st.Data))
	if closed := prepared.Close(); err == nil {
		err = closed
	}
	return err
}

// ErrorIn gives the error of statement i, which was sent by itself, its place in
// the file.
func (s *Script) ErrorIn(i int, err error) *StatementError {
	e := &StatementError{File: s.Path, Err: err, Attempts: 1}
	at := s.pos(i)
	if p := pq.As(err); p != nil {
		exact := false
		if n, failed := strconv.Atoi(p.Position); failed == nil && n > 0 {
			at, exact = walk(at, s.bare(i), n-1), true
		} else {
			at, exact = s.place(p, i)
		}
		if exact {
			e.Caret = at.Col
		}
	}
	e.Line, e.Col = at.Line, at.Col
	e.Source = s.sourceLine(e.Line)
	e.Hint = hint(err, s, s.stepOf(i), i, false)
	return e
}

// stepOf is the step that statement i is of.
func (s *Script) stepOf(i int) Step {
	for _, step := range s.Steps {
		if step.First <= i && i < step.Last {
			return step
		}
	}
	return Step{First: i, Last: i + 1}
}
