package importer

import (
	"cmp"
	"fmt"
	"math/big"
	"path"
	"slices"
	"strings"

	"rung/internal/lazyre"

	"rung/runner"
)

// reader is the import of one directory as one tool's.
type reader struct {
	*directory
	result   *Result
	problems []runner.Problem
	read     map[string]bool
	// values are what the request puts into slots, and names the slots that were seen.
	values map[string]string
	names  map[string]bool
}

// leaveOut is the fix for a file that cannot become a pair.
const leaveOut = "write its SQL as a file of that version, or leave it out with --except"

func problem(file string, line int, what, fix string) runner.Problem {
	p := runner.Problem{File: file, Line: line, What: what, Fix: fix}
	if line > 0 {
		p.Col = 1
	}
	return p
}

// refuse notes what cannot be imported. Line counts from 1; 0 is the whole file.
func (r *reader) refuse(file string, line int, what, fix string) {
	r.problems = append(r.problems, problem(r.shown(file), line, what, fix))
}

// note says what did not come along.
func (r *reader) note(file string, line int, what, fix string) {
	r.result.Notes = append(r.result.Notes, problem(r.shown(file), line, what, fix))
}

// open reads a file that is part of a migration.
func (r *reader) open(p string) *source {
	r.read[p] = true
	s := r.text(p)
	if s.err != nil {
		r.refuse(p, 0, "cannot be read: "+s.err.Error(), "")
	}
	return s
}

// add takes a migration in.
func (r *reader) add(p Pair) {
	p.Name = fileNamePart(p.Name)
	r.result.Pairs = append(r.result.Pairs, p)
}

var notInName = lazyre.New(`[\s/\\:*?"<>|]+`)

// fileNamePart is a name as a part of a file's.
func fileNamePart(s string) string {
	return cmp.Or(strings.Trim(notInName.ReplaceAllString(s, "_"), "_"), "migration")
}

// programs are the endings of migrations that are code.
var programs = map[string]string{
	".go": "Go", ".js": "JavaScript", ".cjs": "JavaScript", ".mjs": "JavaScript", ".ts": "TypeScript", ".mts": "TypeScript", ".cts": "TypeScript",
	".rs": "Rust", ".java": "Java", ".kt": "Kotlin", ".rb": "Ruby", ".py": "Python",
}

// refusePrograms refuses the files that are migrations in code, by their names.
func (r *reader) refusePrograms(name *lazyre.Regexp) {
	for _, p := range r.paths {
		if language := programs[path.Ext(p)]; language != "" && name.MatchString(path.Base(p)) {
			r.refuse(p, 0, "is a migration in "+language+", which cannot become SQL", leaveOut)
		}
	}
}

// finish checks all that was read as rung will read it.
func (r *reader) finish() {
	r.order()
	for i := range r.result.Pairs {
		p := &r.result.Pairs[i]
		r.checkUp(p)
		r.checkDown(p)
	}
	for _, p := range r.paths {
		if isSQL(p) && !r.read[p] {
			r.note(p, 0, "is not imported: it is no migration of "+r.result.Tool+"'s", "")
		}
	}
	sortProblems(r.problems)
	sortProblems(r.result.Notes)
}

func sortProblems(ps []runner.Problem) {
	slices.SortStableFunc(ps, func(a, b runner.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}

// order sorts by version, and refuses a version that is taken.
func (r *reader) order() {
	compare := func(a, b Pair) int { return number(a.Version).Compare(number(b.Version)) }
	slices.SortStableFunc(r.result.Pairs, compare)
	for i := 1; i < len(r.result.Pairs); i++ {
		if p, was := r.result.Pairs[i], r.result.Pairs[i-1]; compare(p, was) == 0 {
			r.refuse(p.Sources[0], 0, fmt.Sprintf("version %s is already used by %s", cmp.Or(p.Was, p.Version), was.Sources[0]), "give one of them another number, or leave one out with --except")
		}
	}
}

// inOrderOf refuses versions that the tool, which sorts by key, runs in another
// order than that of their numbers.
func (r *reader) inOrderOf(key func(p Pair) string) {
	pairs := slices.Clone(r.result.Pairs)
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Compare(key(a), key(b)) })
	for i := 1; i < len(pairs); i++ {
		if p, before := pairs[i], pairs[i-1]; number(p.Version).Compare(number(before.Version)) < 0 {
			r.refuse(p.Sources[0], 0, fmt.Sprintf("%s runs it after %s, since it sorts names as text; rung sorts by number", r.result.Tool, before.Sources[0]), "give both the same width")
		}
	}
}

func number(digits string) runner.Version {
	v, err := runner.ParseVersion(digits)
	if err != nil {
		return "" // the parsers take digits alone
	}
	return v
}

// zeroPadded is a number in a width.
func zeroPadded(digits string, width int) string {
	return strings.Repeat("0", max(0, width-len(digits))) + digits
}

func plusOne(v runner.Version) runner.Version {
	n, _ := new(big.Int).SetString(string(v), 10) // a version is digits
	return runner.Version(n.Add(n, big.NewInt(1)).String())
}

// checkUp has rung read the up file.
func (r *reader) checkUp(p *Pair) {
	p.Up.trim()
	if statements := r.check(p.Up); statements == 0 {
		r.note(p.Sources[0], 0, "has no statement in its up: rung applies it, and nothing changes", "")
	}
}

// checkDown has rung read the down file. One without a statement would be
// called reverted, and nothing would be.
func (r *reader) checkDown(p *Pair) {
	if p.Down == nil {
		return
	}
	p.Down.trim()
	if statements := r.check(p.Down); statements > 0 {
		return
	}
	p.Irreversible = true
	source := p.Sources[len(p.Sources)-1]
	if len(p.Down.lines) == 0 {
		p.Down = nil
	} else {
		p.Down.directive("rung:irreversible its down in " + path.Base(source) + " has no statement")
	}
	r.note(source, 0, "has no statement in its down: it cannot be reverted", "write the down file, if there is something to revert")
}

// check has rung read a text, and gives what is wrong the place that it comes
// from.
func (r *reader) check(t *Text) (statements int) {
	found, statements := runner.CheckText("", t.String())
	for _, f := range found {
		from := t.place(f.Line)
		f.File, f.Line = r.shown(from.path), from.no
		r.problems = append(r.problems, f)
	}
	return statements
}
