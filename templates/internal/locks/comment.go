// Package locks says, in the first comment of each file that a template writes, what
// waits for the file, and for how long. It knows from the statements, so that no
// template can forget it, and all say it in the same words.
package locks

import (
	"fmt"
	"slices"
	"strings"

	"rung/internal/english"
	"rung/templates/internal/sqltext"
)

// Mark is what the comment begins with.
const Mark = "-- Locks: "

// Pair is an up and a down file, and what is to be known of each.
type Pair struct {
	Up, Down           string
	AboutUp, AboutDown About
}

// Write puts the comment below the first paragraph of each file.
func Write(pairs []Pair) error {
	var texts []string
	for _, p := range pairs {
		texts = append(texts, p.Up, p.Down)
	}
	files, err := read(texts)
	if err != nil {
		return err
	}
	k := learn(files)
	for i := range pairs {
		p := &pairs[i]
		p.Up, p.Down = k.written(p.Up, files[2*i], p.AboutUp), k.written(p.Down, files[2*i+1], p.AboutDown)
	}
	return nil
}

// written is a file with the comment in it; all are its transactions.
func (k *known) written(text string, all []transaction, about About) string {
	if strings.Contains(text, "\n-- rung:irreversible ") {
		return text
	}
	k.About = about
	head, rest, _ := strings.Cut(text, "\n\n")
	if !slices.ContainsFunc(all, func(tx transaction) bool { return len(tx.statements) > 0 }) {
		return strings.TrimRight(head+"\n\n"+Mark+"nothing, since there is nothing to do here.\n\n"+rest, "\n") + "\n"
	}
	return head + "\n\n" + sqltext.Commented(strings.TrimPrefix(Mark, "-- ")+k.claimsOf(all).text(about, all)+".") + "\n\n" + rest
}

// text is what a DBA reads of it: the strongest lock first.
func (c claims) text(about About, all []transaction) string {
	var said []string
	for _, w := range []waits{reads, writes, numbers, rows} {
		for _, long := range []bool{true, false} {
			said = append(said, c.clauses(w, long, about)...)
		}
	}
	if len(c.rewritten) > 0 {
		said = append(said, listed(c.rewritten)+" "+english.IsOrAre(len(c.rewritten))+" rewritten")
	}
	said = append(said, c.othersWait()...)
	if len(said) == 0 {
		said = c.clauses(ddl, false, about)
	}
	switch {
	case len(said) > 0:
		return strings.Join(said, "; ")
	case slices.ContainsFunc(all, func(tx transaction) bool {
		return slices.ContainsFunc(tx.statements, func(s string) bool { return strings.HasPrefix(s, "ALTER TYPE ") })
	}):
		return "the type alone, no table"
	}
	return "nothing that anybody waits for"
}

// othersWait says what goes on beside reads and writes.
func (c claims) othersWait() (said []string) {
	checked, built := "the rows are checked", "an index is built"
	if c.indexes > 1 {
		built = "indexes are built"
	}
	if len(c.scanned) > 0 && slices.Equal(c.scanned, c.built) {
		return []string{who(ddl, listed(c.scanned), false) + " while " + checked + " and " + built}
	}
	if len(c.scanned) > 0 {
		said = append(said, who(ddl, listed(c.scanned), false)+" while "+checked)
	}
	if len(c.built) > 0 {
		said = append(said, who(ddl, listed(c.built), false)+" while "+built)
	}
	return said
}

// clauses are the claims of one kind, those together that last the same time.
func (c claims) clauses(w waits, long bool, about About) (said []string) {
	for _, batch := range []bool{false, true} {
		for _, whole := range []bool{true, false} {
			var of []string
			lasts := ""
			for _, one := range c.all {
				if one.waits == w && one.long == long && one.batch == batch && (!long || one.whole == whole) {
					of = append(of, one.of)
					if long && same(one.of, about.Table) && about.Lasts != "" {
						lasts = ": " + about.Lasts
					}
				}
			}
			if len(of) > 0 {
				said = append(said, who(w, listed(of), batch)+until(long, whole, batch)+lasts)
			}
			if !long {
				break
			}
		}
	}
	return said
}

// who waits for a lock.
func who(w waits, of string, batch bool) string {
	switch w {
	case reads:
		return "reads and writes of " + of + " wait"
	case writes:
		return "writes to " + of + " wait"
	case numbers:
		return "an INSERT that takes a number from " + of + " waits"
	case rows:
		if batch {
			return "writes to rows of " + of + " wait"
		}
		return "writes to the changed rows of " + of + " wait"
	}
	return "only other DDL on " + of + " waits"
}

// until is for how long.
func until(long, whole, batch bool) string {
	switch {
	case batch:
		return " while their batch runs"
	case !long:
		return " for a moment"
	case whole:
		return " until all of this has committed"
	}
	return " until the COMMIT"
}

// listed are names for a person, the first ones if there are many.
func listed(all []string) string {
	const most = 4
	if len(all) > most {
		return strings.Join(all[:most-1], ", ") + fmt.Sprintf(" and %d more", len(all)-most+1)
	}
	return english.And(all)
}
