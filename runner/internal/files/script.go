package files

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"rung/internal/script"
)

// Mode is how a file runs.
type Mode string

// A transactional file is one transaction that its record is part of; a
// stepwise file is a transaction or a statement at a time, each checkpointed.
const (
	Transactional Mode = "transactional"
	Stepwise      Mode = "stepwise"
)

// Script is one file, split, checked and grouped into steps.
type Script struct {
	// Path is the file as the user would type it.
	Path string
	// Checksum is the SHA-256, in hex, of the file without BOM and with LF
	// line ends; Size is the number of those bytes.
	Checksum string
	Size     int64
	// Steps are what runs, in order. There is at least one.
	Steps []Step
	// NoTransaction, LockTimeout and StatementTimeout are the head's
	// directives; the timeouts are nil where the file has none of its own.
	NoTransaction    bool
	LockTimeout      *time.Duration
	StatementTimeout *time.Duration
	// Irreversible is the reason why this down file refuses to run, or "".
	Irreversible string
	// Secret keeps the text out of the history tables, and the literals out of
	// errors.
	Secret bool
	// Background is true of an up file whose batches run beside the releases: up
	// registers them, and work runs them.
	Background bool
	// Requires are the versions whose background backfill must be done first.
	Requires []Version
	// Todo is true of a file that is not written yet: nothing runs it.
	Todo bool

	name string
	// split is true where stepByStep took apart what runs as one transaction.
	split bool
	// Unread is true of a file that cannot be read; so it has no checksum.
	Unread   bool
	Parsed   *script.File
	Open     func() (io.ReadCloser, error)
	Problems []Problem
	warnings []Problem
}

// Mode tells how the script runs.
func (s *Script) Mode() Mode {
	if len(s.Steps) == 1 && s.Steps[0].Transactional() && !s.split {
		return Transactional
	}
	return Stepwise
}

// StepByStep is the script as it resumes where an earlier run left it in part.
// The recorded steps are counted as of a file that runs stepwise, and it has
// to be counted so still when a fix took out the last statement that asked
// for it.
func (s *Script) StepByStep() *Script {
	if s.Mode() == Stepwise {
		return s
	}
	apart := *s
	apart.split, apart.Problems, apart.warnings = true, slices.Clone(s.Problems), slices.Clone(s.warnings)
	steps, problems, warnings := planSteps(s.Parsed, true, nil)
	apart.Steps = steps
	apart.addProblems(&apart.Problems, problems)
	apart.addProblems(&apart.warnings, warnings)
	return &apart
}

// ReviewedMode is the mode that the script has when nothing of it has run.
func (s *Script) ReviewedMode() Mode {
	if s.split {
		return Transactional
	}
	return s.Mode()
}

// Bare is statement i without the comments above it and the semicolon behind it.
func (s *Script) Bare(i int) string {
	st := &s.Parsed.Statements[i]
	return strings.TrimSuffix(st.Text[st.Lead:], ";")
}

// loadScript reads a file of the directory. What is wrong with the file goes
// to its problems; the error is one of reading.
func loadScript(fsys fs.FS, name, shown string) (*Script, error) {
	return newScript(shown, func() (io.ReadCloser, error) { return fsys.Open(name) })
}

// RecordedScript makes a script of SQL that the history kept.
func RecordedScript(shown, sql string) (*Script, error) {
	return newScript(shown, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(sql)), nil })
}

func newScript(shown string, open func() (io.ReadCloser, error)) (*Script, error) {
	r, err := open()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	}
	defer r.Close()
	file, err := script.Split(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	}
	s := &Script{Path: shown, Checksum: file.Checksum, Size: file.Size, Parsed: file, Open: open}
	s.addProblems(&s.Problems, file.Problems)
	s.readDirectives()
	steps, problems, warnings := planSteps(file, s.NoTransaction, s.batchSpans())
	s.Steps = steps
	s.addProblems(&s.Problems, problems)
	s.addProblems(&s.warnings, warnings)
	s.checkBackground()
	s.checkSettings()
	return s, nil
}

// checkSettings refuses what has the server read the file otherwise than rung
// did. Of what comes behind it nothing is said: it may be wrong.
func (s *Script) checkSettings() {
	found, misread := badSettings(s.Parsed)
	if misread != nil {
		behind := func(p Problem) bool {
			return cmp.Or(cmp.Compare(p.Line, misread.Line), cmp.Compare(p.Col, misread.Col)) > 0
		}
		s.Problems, s.warnings = slices.DeleteFunc(s.Problems, behind), slices.DeleteFunc(s.warnings, behind)
		found = slices.DeleteFunc(found, func(p script.Problem) bool { return behind(Problem{Line: p.Pos.Line, Col: p.Pos.Col}) })
	}
	s.addProblems(&s.Problems, found)
}

// cannotBeRead is a file that is there and cannot be read.
func cannotBeRead(shown string, err error) *Script {
	s := &Script{Path: shown, Parsed: &script.File{}, Unread: true}
	s.Steps, _, _ = planSteps(s.Parsed, false, nil)
	s.Open = func() (io.ReadCloser, error) { return nil, err }
	s.Problems = []Problem{{File: shown, What: "cannot be read: " + reason(err)}}
	return s
}

func (s *Script) addProblems(to *[]Problem, ps []script.Problem) {
	for _, p := range ps {
		*to = append(*to, Problem{File: s.Path, Line: p.Pos.Line, Col: p.Pos.Col, What: p.What, Fix: p.Fix})
	}
}

// Text reads the whole file again, folded, and refuses it if it is not what
// was planned. It is for recording, never for a file with a big COPY block.
func (s *Script) Text() (string, error) {
	if text, ok := s.kept(); ok {
		return text, nil
	}
	r, err := s.Open()
	if err != nil {
		return "", fmt.Errorf("read %s: %w", s.Path, err)
	}
	defer r.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, script.Fold(r)); err != nil {
		return "", fmt.Errorf("read %s: %w", s.Path, err)
	}
	sum := sha256.Sum256(b.Bytes())
	if hex.EncodeToString(sum[:]) != s.Checksum {
		return "", &ChangedError{File: s.Path, Err: script.ErrChanged}
	}
	return b.String(), nil
}

// kept puts the text together from what was split. Ok is false where that is
// not the whole file: COPY data is never kept, and \restrict lines are blanked.
func (s *Script) kept() (text string, ok bool) {
	var b strings.Builder
	for i := range s.Parsed.Statements {
		b.WriteString(s.Parsed.Statements[i].Text)
	}
	b.WriteString(s.Parsed.Tail)
	if int64(b.Len()) != s.Size {
		return "", false
	}
	sum := sha256.Sum256([]byte(b.String()))
	return b.String(), hex.EncodeToString(sum[:]) == s.Checksum
}

// Pos is the place of statement i, for messages.
func (s *Script) Pos(i int) script.Pos {
	if i < 0 || i >= len(s.Parsed.Statements) {
		return script.Pos{}
	}
	return s.Parsed.Statements[i].Pos
}

// CheckText reads the text of a file as Load would, and returns what is wrong
// with it and how many statements it has. Shown is the file in the problems.
func CheckText(shown, text string) (problems []Problem, statements int) {
	s, err := RecordedScript(shown, text)
	if err != nil {
		return []Problem{{File: shown, What: err.Error()}}, 0
	}
	return s.Problems, len(s.Parsed.Statements)
}

// A file that says `-- rung:background` runs in two parts: up runs what stands
// before the first batch, and registers the rest, which `rung work` runs at any
// later time, beside other files. So nothing of the rest may change the schema.

// upOnly refuses a directive that means nothing in a down file.
func (s *Script) upOnly() error {
	if strings.HasSuffix(s.Path, ".down.sql") {
		return fmt.Errorf("belongs at the head of an up file")
	}
	return nil
}

// FirstBatch is the index of the first step that runs in batches: in a background
// file the first one that work runs. A file without one has the number of its steps.
func (s *Script) FirstBatch() int {
	for i, step := range s.Steps {
		if step.Batch != nil {
			return i
		}
	}
	return len(s.Steps)
}

// checkBackground refuses a background file without a batch, and behind its first
// batch what cannot run at any time, out of the order of files and without their
// lock.
func (s *Script) checkBackground() {
	if !s.Background || s.Todo {
		return
	}
	first := s.FirstBatch()
	if first == len(s.Steps) {
		s.addProblems(&s.Problems, []script.Problem{{
			Pos: s.directivePos("background", ""), What: "rung:background in a file without a batch: nothing of it would run in the background",
			Fix: "put `-- rung:batch` above its backfill, or take the directive out",
		}})
		return
	}
	for i := s.Steps[first].First; i < len(s.Parsed.Statements); i++ {
		st := &s.Parsed.Statements[i]
		if verb := Words(st.Words).At(0); !runsLate[verb] {
			s.addProblems(&s.Problems, []script.Problem{{
				Pos: st.Pos, What: verb + " behind the first batch of a background file, which runs at any later time, without the migration lock",
				Fix: "move it above the batch, or into a later file that says `-- rung:requires` this version",
			}})
		}
	}
}

// directivePos is the place of a directive of the head, by its name and its version,
// which is "" for one that has none.
func (s *Script) directivePos(name string, v Version) script.Pos {
	for _, d := range s.Parsed.Directives {
		if of, _ := ParseVersion(d.Args); d.Name == name && of == v {
			return d.Pos
		}
	}
	return script.Pos{Line: 1, Col: 1}
}
