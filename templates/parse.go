package templates

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
	"rung/templates/internal/shared"
	"rung/templates/internal/task"
)

// A template file is a head and bodies. The head is comment lines:
//
//	-- Purpose: one line
//	-- Parameters:
//	--   table: what it is
//	--   where (optional): what it is
//	-- Locks: …
//	-- Steps: …
//	-- Example: …
//
// and each body stands below a line `-- == up ==`, `-- == down ==`, or, where
// several pairs are written, `-- == SUFFIX up ==`.
var (
	section = lazyre.New(`(?m)^-- == (?:([a-z_]+) )?(up|down) ==\n`)
	heading = lazyre.New(`^(Purpose|Parameters|Locks|Steps|Example): ?(.*)$`)
	param   = lazyre.New(`^([a-z_]+)( \(optional\))?: (.*)$`)
)

// parse reads a template file. Its bodies are checked when they are rendered.
func parse(name, text string) (*Template, error) {
	at := section.FindStringIndex(text)
	if at == nil {
		return nil, fmt.Errorf("has no line `-- == up ==`")
	}
	t := &Template{Name: name, body: text[at[0]:], above: strings.Count(text[:at[0]], "\n")}
	part := map[string]*string{"Purpose": &t.Purpose, "Locks": &t.Locks, "Steps": &t.Steps, "Example": &t.Example}
	current := ""
	for _, line := range strings.Split(text[:at[0]], "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "--"), " ")
		if m := heading.FindStringSubmatch(line); m != nil {
			current, line = m[1], m[2]
		}
		if current == "Parameters" {
			t.addParam(strings.TrimSpace(line))
		} else if to := part[current]; to != nil {
			*to = strings.TrimPrefix(*to+"\n"+strings.TrimRight(line, " "), "\n")
		}
	}
	for _, name := range []string{"Purpose", "Locks", "Steps", "Example"} {
		to := part[name]
		if *to = strings.TrimSpace(dedent(*to)); *to == "" {
			return nil, fmt.Errorf("its head does not describe %s", name)
		}
	}
	return t, nil
}

func (t *Template) addParam(line string) {
	if m := param.FindStringSubmatch(line); m != nil {
		t.Params = append(t.Params, Param{Name: m[1], Optional: m[2] != "", Usage: m[3]})
	} else if n := len(t.Params); n > 0 && line != "" {
		t.Params[n-1].Usage += " " + line
	}
}

// dedent takes the blanks off that all lines but the first begin with.
func dedent(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}

// readDirect are the bodies of a built-in template's direct way. They have no head
// of their own, and may use what the others define.
func readDirect(name string) string {
	text, err := builtIn.ReadFile("sql/direct/" + name + ".sql")
	if err != nil {
		return ""
	}
	return string(text)
}

// render executes the bodies and puts the head over each file. Where the data says
// so, they are those of the direct way.
func (t *Template) render(head string, data map[string]any) ([]File, error) {
	var files []File
	body := t.body
	if direct, _ := data["direct"].(bool); direct {
		body = t.direct
	}
	marks := section.FindAllStringSubmatchIndex(body, -1)
	for i, m := range marks {
		end := len(body)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		suffix := ""
		if m[2] >= 0 {
			suffix = body[m[2]:m[3]]
		}
		for _, one := range partsOf(data, suffix) {
			text, err := t.execute(body[:m[1]], body[m[1]:end], one.Data)
			if err != nil {
				return nil, err
			}
			n := slices.IndexFunc(files, func(f File) bool { return f.Suffix == one.Suffix })
			if n < 0 {
				n, files = len(files), append(files, File{Suffix: one.Suffix})
			}
			if body[m[4]:m[5]] == "down" {
				files[n].Down = head + text
			} else {
				files[n].Up = head + text
			}
		}
	}
	// A pair whose bodies are empty is one that this case does without.
	nothing := head + "\n"
	files = slices.DeleteFunc(files, func(f File) bool { return f.Up == nothing && f.Down == nothing })
	return files, nil
}

// partsOf are the pairs of a section: those that data["each"] has for it, to which
// the body says .one, or a single one.
func partsOf(data map[string]any, suffix string) []rendered {
	each, _ := data["each"].(map[string][]task.Part)
	parts, several := each[suffix]
	if !several {
		return []rendered{{suffix, data}}
	}
	var all []rendered
	for _, p := range parts {
		with := maps.Clone(data)
		with["one"] = p.Data
		all = append(all, rendered{p.Suffix, with})
	}
	return all
}

// rendered is what a pair is written from.
type rendered struct {
	Suffix string
	Data   map[string]any
}

// execute renders one body, which stands below some text. What any of them
// defines, all may use.
func (t *Template) execute(below, body string, data map[string]any) (string, error) {
	// The lines above count in what is said of an error, and tidy takes them off.
	above := strings.Repeat("\n", t.above)
	to, err := template.New(t.Name).Option("missingkey=error").Funcs(functions).ParseFS(shared.Bodies, "sql/*.sql")
	if err == nil {
		to, err = to.Parse(above + t.body)
	}
	if err == nil && t.direct != "" {
		to, err = to.Parse(t.direct)
	}
	if err == nil {
		to, err = to.Parse(above + strings.Repeat("\n", strings.Count(below, "\n")) + body)
	}
	var b bytes.Buffer
	if err == nil {
		err = to.Execute(&b, data)
	}
	if err != nil {
		return "", t.bad(err)
	}
	return Tidy(b.String()), nil
}

// What text/template says of an error: the name, the line and its bytes before.
var (
	place    = lazyre.New(`(?s)^template: [^:]+:(\d+)(?::(\d+))?: (?:executing "[^"]*" at )?(.*)$`)
	noEntry  = lazyre.New(`map has no entry for key "([^"]*)"$`)
	noHelper = lazyre.New(`^function "([^"]*)" not defined$`)
)

// bad says where a team's own template is wrong; in one of ours it is our mistake.
func (t *Template) bad(err error) error {
	m := place.FindStringSubmatch(err.Error())
	if t.ours() || m == nil {
		return fmt.Errorf("template %s: %w", t.Name, err)
	}
	at, what := m[1], m[3]
	if before, err := strconv.Atoi(m[2]); err == nil {
		at += ":" + strconv.Itoa(before+1)
	}
	wrong := &Mistake{What: fmt.Sprintf("template %s.sql:%s: %s", t.Name, at, what)}
	if key := noEntry.FindStringSubmatch(what); key != nil {
		var known []string
		for _, p := range t.Params {
			known = append(known, p.Name)
		}
		wrong.Hint = mistake.Hint(key[1], known)
	} else if name := noHelper.FindStringSubmatch(what); name != nil {
		wrong.Hint = mistake.Hint(name[1], slices.Sorted(maps.Keys(functions)))
	} else if inner := (*Mistake)(nil); errors.As(err, &inner) {
		wrong.Hint = inner.Hint
	}
	return wrong
}

var (
	manyBlankLines = lazyre.New(`\n{3,}`)
	trailingBlanks = lazyre.New(`[ \t]+\n`)
)

// Tidy takes off what conditions in a body leave: blank lines and trailing
// blanks. A string may have both, and keeps them.
func Tidy(s string) string {
	s = pgtext.ChangeOutsideLiterals(s, func(s string) string {
		return manyBlankLines.ReplaceAllString(trailingBlanks.ReplaceAllString(s, "\n"), "\n\n")
	})
	return strings.TrimSpace(s) + "\n"
}
