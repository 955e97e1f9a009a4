package files

import (
	"math/bits"
	"strings"
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
	all := make([]Statement, len(s.Parsed.Statements))
	for i := range all {
		st := &s.Parsed.Statements[i]
		all[i] = Statement{Line: st.Pos.Line, Col: st.Pos.Col, SQL: s.Bare(i), Words: st.Words, Params: bits.Len64(st.Params >> 1), Data: st.Data != nil, Allows: s.allows(i)}
		all[i].LastLine = st.Pos.Line + strings.Count(strings.TrimRight(st.Text[st.Lead:], " \t\n"), "\n")
	}
	return all
}

// StrayAllows are the `-- rung:allow` that no statement follows.
func (s *Script) StrayAllows() []Allow { return s.allows(len(s.Parsed.Statements)) }

func (s *Script) allows(i int) (all []Allow) {
	for _, d := range s.Parsed.Directives {
		if d.Name == "allow" && d.Statement == i {
			id, reason, _ := strings.Cut(d.Args, " ")
			all = append(all, Allow{ID: id, Reason: strings.TrimSpace(reason), Line: d.Pos.Line})
		}
	}
	return all
}

// StepOf is the step that statement i is of.
func (s *Script) StepOf(i int) Step {
	for _, step := range s.Steps {
		if step.First <= i && i < step.Last {
			return step
		}
	}
	return Step{First: i, Last: i + 1}
}
