package files

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"rung/internal/script"
)

// Step is what runs and is checkpointed as one: a whole transactional file, a
// statement, or a BEGIN … COMMIT group.
type Step struct {
	// First and Last delimit its statements in the file: First ≤ i < Last,
	// without the BEGIN and COMMIT around them.
	First, Last int
	// Verb names the statement that PostgreSQL refuses inside a transaction,
	// or is "" for a step that runs in one.
	Verb string
	// Batch is how the step runs over a key, or nil.
	Batch *Batch
	// Checksum is over the statements' text without the comments above them,
	// and over the SETs that are sent with them.
	Checksum string

	// Begin is the index of the file's own BEGIN, whose options are kept, or -1.
	Begin int
	// Session are the SETs before it in the file: they are sent again with
	// each step, since a resumed run starts in a new session.
	Session []int
}

// Transactional reports whether the step commits together with its checkpoint.
func (s Step) Transactional() bool { return s.Verb == "" && s.Batch == nil }

// stepper groups the statements of one file into steps.
type stepper struct {
	file     *script.File
	stepwise bool // the file asks for it
	steps    []Step
	session  []int
	batches  []batchSpan // not reached yet
	begin    int         // index of the open BEGIN, or -1
	boundary int         // statements below it have been grouped
	problems []script.Problem
	warnings []script.Problem
}

// planSteps groups a file's statements: one transactional step where that is
// possible, otherwise a step for each statement and each group. A COMMIT
// without BEGIN ends an implicit group, as PostgreSQL does for several
// statements in one message (postgres.c, exec_simple_query).
func planSteps(f *script.File, noTransaction bool, batches []batchSpan) (steps []Step, problems, warnings []script.Problem) {
	s := stepper{file: f, begin: -1, batches: batches}
	s.stepwise = noTransaction || len(batches) > 0 || !oneTransaction(f.Statements)
	for i := range f.Statements {
		if i >= s.boundary || s.begin >= 0 {
			s.take(i)
		}
	}
	if s.begin >= 0 {
		s.refuse(s.begin, "BEGIN without its COMMIT", "add COMMIT, or remove BEGIN: rung adds its own")
	}
	s.rest(len(f.Statements))
	if len(s.steps) == 0 {
		s.group(0, 0, -1)
	}
	return s.steps, s.problems, s.warnings
}

// oneTransaction reports whether all of the statements may run in one
// transaction: none is refused in one, and their own control, if any, wraps
// them all (or is a lone COMMIT at the end).
func oneTransaction(sts []script.Statement) bool {
	last := len(sts) - 1
	begins, commits := 0, 0
	for i := range sts {
		if OutsideVerb(&sts[i]) != "" {
			return false
		}
		switch controlOf(sts[i].Words) {
		case beginTx:
			begins++
			if i > 0 {
				return false
			}
		case commitTx:
			commits++
			if i < last {
				return false
			}
		}
	}
	return commits >= begins
}

func (s *stepper) take(i int) {
	st := &s.file.Statements[i]
	if len(s.batches) > 0 && s.batches[0].first == i {
		s.batch(i)
		return
	}
	switch controlOf(st.Words) {
	case beginTx:
		if s.begin >= 0 {
			s.refuse(i, "BEGIN inside BEGIN", "remove one of them")
			return
		}
		s.rest(i)
		s.begin, s.boundary = i, i+1
	case commitTx:
		if n := endOf(st.Words).read; n < len(st.Words) {
			s.refuseWord(i, n)
		}
		if s.begin < 0 {
			s.warnings = append(s.warnings, script.Problem{Pos: st.Pos, What: "COMMIT without BEGIN commits all statements since the last COMMIT", Fix: "write BEGIN where they start"})
		}
		s.group(s.boundary, i, s.begin)
		s.begin, s.boundary = -1, i+1
	case rollbackTx:
		s.refuse(i, "a ROLLBACK would undo what rung records of the file", "remove it, or use a savepoint")
		s.begin = -1
	case twoPhase:
		s.refuse(i, "ends the transaction in a way that rung cannot record", "use plain COMMIT, and BEGIN after it")
		s.begin = -1
	case savepointTx:
		if s.stepwise && s.begin < 0 && !s.implicitGroup(i) {
			s.refuse(i, "a savepoint in a file that runs statement by statement", "put BEGIN … COMMIT around its statements")
		}
	case noControl:
		if verb := OutsideVerb(st); verb != "" && (s.begin >= 0 || s.implicitGroup(i)) {
			s.refuse(i, "PostgreSQL refuses "+verb+" inside BEGIN … COMMIT", "move it out of the group")
		}
	}
}

// batch makes a step of the statements that run over a key.
func (s *stepper) batch(i int) {
	span := s.batches[0]
	s.batches = s.batches[1:]
	if s.begin >= 0 {
		s.refuse(i, "a batch inside BEGIN … COMMIT", "move it out of the group: each batch commits by itself")
		return
	}
	s.rest(i)
	s.group(span.first, span.last, -1)
	step := &s.steps[len(s.steps)-1]
	step.Batch, step.Verb = span.batch, ""
	// The batch log counts by the key: another key is another step.
	sum := sha256.Sum256([]byte(step.Checksum + span.batch.Table + strings.Join(span.batch.Columns, ",")))
	step.Checksum = hex.EncodeToString(sum[:])
	s.boundary = span.last
}

// implicitGroup reports whether a COMMIT without BEGIN follows statement i.
func (s *stepper) implicitGroup(i int) bool {
	for _, st := range s.file.Statements[i:] {
		switch controlOf(st.Words) {
		case beginTx:
			return false
		case commitTx:
			return true
		}
	}
	return false
}

// rest turns the statements that stand outside of any group into steps.
func (s *stepper) rest(end int) {
	if !s.stepwise {
		if end > s.boundary {
			s.stepUnlessSession(s.boundary, end)
		}
		s.boundary = end
		return
	}
	for ; s.boundary < end; s.boundary++ {
		s.stepUnlessSession(s.boundary, s.boundary+1)
	}
}

// stepUnlessSession makes a step of the statements, but keeps a lone SET back
// for the steps that follow it.
func (s *stepper) stepUnlessSession(from, to int) {
	if to == from+1 && setsSession(&s.file.Statements[from]) && to < len(s.file.Statements) {
		s.session = append(s.session, from)
		return
	}
	s.group(from, to, -1)
}

func (s *stepper) group(from, to, begin int) {
	step := Step{First: from, Last: to, Begin: begin, Session: append([]int(nil), s.session...)}
	sum := sha256.New()
	for _, i := range step.Session {
		st := &s.file.Statements[i]
		sum.Write([]byte(st.Text[st.Lead:]))
	}
	for i := from; i < to; i++ {
		st := &s.file.Statements[i]
		sum.Write([]byte(st.Text[st.Lead:]))
		if st.Data != nil {
			sum.Write([]byte(st.Data.Checksum))
		}
		if setsSession(st) {
			s.session = append(s.session, i)
		}
	}
	if to == from+1 && begin < 0 {
		step.Verb = s.verb(&s.file.Statements[from])
	}
	step.Checksum = hex.EncodeToString(sum.Sum(nil))
	s.steps = append(s.steps, step)
}

func (s *stepper) verb(st *script.Statement) string {
	if v := OutsideVerb(st); v != "" || !s.stepwise {
		return v
	}
	return MayBeRefused(st)
}

// refuseWord refuses what follows a COMMIT and is no part of it.
func (s *stepper) refuseWord(i, n int) {
	st := &s.file.Statements[i]
	s.problems = append(s.problems, script.Problem{
		Pos: st.WordPos(n), What: "PostgreSQL refuses what follows " + st.Words[0] + " here", Fix: "end " + st.Words[0] + " with a `;`, or remove the rest",
	})
}

func (s *stepper) refuse(i int, what, fix string) {
	s.problems = append(s.problems, script.Problem{Pos: s.file.Statements[i].Pos, What: what, Fix: fix})
}

// Changes is the verb of the statement whose rows a batch counts: the last one.
func (s *Script) Changes(step Step) string {
	return Words(s.Parsed.Statements[step.Last-1].Words).At(0)
}

// Opening are the statements that come before the claim, the file's own BEGIN
// and SET TRANSACTION, and the rest of a step's statements.
func (s *Script) Opening(step Step) (opening, rest []int) {
	if step.Begin >= 0 {
		opening = append(opening, step.Begin)
	}
	from := step.First
	for ; from < step.Last && Words(s.Parsed.Statements[from].Words).Starts("SET TRANSACTION"); from++ {
		opening = append(opening, from)
	}
	for ; from < step.Last; from++ {
		rest = append(rest, from)
	}
	return opening, rest
}

// SetsItself reports whether a SET of the file that is in force at a step speaks
// of a setting.
func (s *Script) SetsItself(step Step, setting string) bool {
	return slices.ContainsFunc(step.Session, func(i int) bool {
		return strings.Contains(strings.ToLower(s.Parsed.Statements[i].Text), setting)
	})
}
