package importer

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"rung/internal/lazyre"
)

const (
	drizzleJournal    = "meta/_journal.json"
	drizzleBreakpoint = "--> statement-breakpoint"
)

var drizzleTag = lazyre.New(`^\d+_?(.*)$`)

func isDrizzle(d *directory) bool { return d.has(drizzleJournal) }

type drizzleEntry struct {
	Idx  int    `json:"idx"`
	When int64  `json:"when"`
	Tag  string `json:"tag"`
}

// readDrizzle follows the journal: the time in it is what drizzle records, and
// what it orders by.
func readDrizzle(r *reader) {
	s := r.open(drizzleJournal)
	raw := []byte(strings.Join(s.lines, "\n"))
	var journal struct {
		Dialect string         `json:"dialect"`
		Entries []drizzleEntry `json:"entries"`
	}
	if err := json.Unmarshal(raw, &journal); err != nil {
		r.refuse(drizzleJournal, 0, "is no journal: "+err.Error(), "")
		return
	}
	if journal.Dialect != "" && journal.Dialect != "postgresql" && journal.Dialect != "pg" {
		r.refuse(drizzleJournal, drizzleLine(raw, "dialect"), "the migrations are for "+journal.Dialect+", not for PostgreSQL", "")
		return
	}
	var last drizzleEntry
	for _, e := range journal.Entries {
		p := e.Tag + ".sql"
		if e.When <= last.When {
			r.refuse(drizzleJournal, drizzleLine(raw, e.Tag), e.Tag+" is not later than "+last.Tag+" by its `when`, so drizzle passes over it where "+last.Tag+" has run", "give it a later one, or leave it out with --except and take it out of the journal")
		}
		last = e
		if !r.has(p) {
			r.refuse(drizzleJournal, drizzleLine(raw, e.Tag), "names "+p+", which is not there", "bring it back, or take it out of the journal")
			continue
		}
		name := e.Tag
		if m := drizzleTag.FindStringSubmatch(e.Tag); m != nil {
			name = m[1]
		}
		r.add(Pair{Version: strconv.FormatInt(e.When, 10), Name: name, Was: e.Tag, Sources: []string{p}, Up: drizzleText(r.open(p))})
	}
}

// drizzleLine is the line of the journal that names something.
func drizzleLine(raw []byte, name string) int {
	before, _, found := bytes.Cut(raw, []byte(`"`+name+`"`))
	if !found {
		return 0
	}
	return bytes.Count(before, []byte("\n")) + 1
}

// drizzleText ends statements where drizzle cuts the text. A file in which all
// have their semicolon stays as it is, for drizzle records its hash: its
// breakpoints are comments.
func drizzleText(s *source) *Text {
	t := &Text{}
	from, changed := 0, false
	for i, text := range s.lines {
		before, after, cut := strings.Cut(text, drizzleBreakpoint)
		if !cut {
			t.add(s, i)
			continue
		}
		if strings.TrimSpace(before) != "" {
			t.addAs(s, i, before)
		}
		changed = t.terminate(from) || changed
		if from = len(t.lines); strings.TrimSpace(after) != "" {
			t.addAs(s, i, after)
		}
	}
	if !changed {
		return whole(s)
	}
	return t
}
