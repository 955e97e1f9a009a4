package fleet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"rung/internal/pgurl"
	"rung/runner"
)

const lineFix = "write a line each: name, a blank, and the address: tenant_1 postgres://user@host/tenant_1"

// Read reads a list of targets, a line each: the name, blanks, and the address
// as --database-url takes it. Empty lines and those that start with # are passed
// over. Label is the file's name for errors, which have all that is wrong, each
// with its line.
func Read(r io.Reader, label string) ([]Target, error) {
	l := newLister()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, address := line, ""
		if i := strings.IndexFunc(line, unicode.IsSpace); i >= 0 {
			name, address = line[:i], strings.TrimSpace(line[i:])
		}
		l.add(label, n, name, address)
	}
	if err := lines.Err(); err != nil {
		return nil, badInput("", "read the targets from %s: %s", label, err)
	}
	return l.result(label + " names no target")
}

// lister gathers targets, and all that is wrong with them.
type lister struct {
	targets []Target
	places  map[string]string // by name
	wrong   []runner.Problem
}

func newLister() *lister { return &lister{places: map[string]string{}} }

// add takes one target in. Place and line are where it stands, for errors.
func (l *lister) add(place string, line int, name, address string) {
	t, err := target(name, address)
	if before, taken := l.places[name]; err == nil && taken {
		err = badInput("give each target a name of its own", "the name %s is taken: by %s", name, before)
	}
	var bad *InputError
	if errors.As(err, &bad) {
		l.wrong = append(l.wrong, runner.Problem{File: place, Line: line, Col: min(line, 1), What: bad.What, Fix: bad.Fix})
		return
	}
	l.places[name] = place
	if line > 0 {
		l.places[name] = fmt.Sprintf("%s:%d", place, line)
	}
	l.targets = append(l.targets, t)
}

// target reads one name and address. Its errors do not repeat the address.
func target(name, address string) (Target, error) {
	if err := checkName(name); err != nil {
		return Target{}, err
	}
	if address == "" {
		return Target{}, badInput(lineFix, "%s has no address", name)
	}
	conn, err := pgurl.Parse(address, pgurl.Environment())
	var bad *pgurl.Error
	switch {
	case errors.As(err, &bad):
		return Target{}, badInput(bad.Fix, "%s: %s", name, bad.What)
	case err != nil:
		return Target{}, badInput("", "%s: %s", name, err)
	}
	return Target{Name: name, Conn: conn}, nil
}

func (l *lister) result(nothing string) ([]Target, error) {
	switch {
	case len(l.wrong) > 0:
		return nil, &runner.BadFilesError{Problems: l.wrong}
	case len(l.targets) == 0:
		return nil, badInput(lineFix, "%s", nothing)
	}
	return l.targets, nil
}
