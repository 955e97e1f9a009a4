package files

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/script"
)

// Naming finds where up files of versions above one name one of these schemas. A
// directory that is applied to many schemas, each in its turn, would meet the same
// object each time: the second schema's file fails, or does the first one's work again.
func (d *Directory) Naming(schemas []string, above Version) (all []Problem) {
	for _, m := range d.Migrations {
		if m.Up == nil || above != "" && m.Version.Compare(above) <= 0 {
			continue
		}
		for i := range m.Up.Parsed.Statements {
			st := &m.Up.Parsed.Statements[i]
			for _, at := range namedIn(st.Text, schemas) {
				place := walkText(st.Start, st.Text[:at.from])
				all = append(all, Problem{
					File: m.Up.Path, Line: place.Line, Col: place.Col,
					What: fmt.Sprintf("names schema %s, which is the same for every schema that the file is applied to", at.name),
					Fix:  "leave it out: search_path is the schema's own; what all of them share belongs in a directory that is applied to the database",
				})
			}
		}
	}
	return all
}

type named struct {
	name string
	from int
}

// namedIn finds the schemas that a piece of SQL names: a word before a dot that
// stands behind none.
func namedIn(text string, schemas []string) (all []named) {
	var last named
	behindDot := false
	for t := range script.Tokens(text) {
		piece := text[t.From:t.To]
		switch t.Kind {
		case script.Blank, script.Comment:
			continue
		case script.Word, script.Quoted:
			if !behindDot {
				last = named{nameOf(piece, t.Kind), t.From}
			} else {
				last = named{}
			}
			behindDot = false
			continue
		}
		if strings.HasPrefix(piece, ".") && last.name != "" && slices.Contains(schemas, last.name) {
			all = append(all, last)
		}
		last, behindDot = named{}, strings.HasSuffix(piece, ".")
	}
	return all
}

// nameOf is the name that an identifier means.
func nameOf(piece string, kind script.Kind) string {
	if kind == script.Quoted {
		return strings.ReplaceAll(strings.Trim(piece, `"`), `""`, `"`)
	}
	return strings.ToLower(piece)
}

// walkText moves a place on past a text.
func walkText(at script.Pos, text string) script.Pos {
	for _, c := range text {
		at.Col++
		if c == '\n' {
			at.Line, at.Col = at.Line+1, 1
		}
	}
	return at
}
