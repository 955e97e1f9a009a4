package templates

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rung/proof"
	"rung/templates/internal/locks"
)

var (
	waitClause  = regexp.MustCompile(`^(reads and writes of|writes to|an INSERT that takes a number from) (.+?) waits? (for a moment|until .*)$`)
	rowClause   = regexp.MustCompile(`^writes to (the changed )?rows of (.+) wait (while their batch runs|until .*)$`)
	otherClause = regexp.MustCompile(`^only other DDL on (.+) waits (for a moment|while (the rows are checked)?( and )?((?:indexes are|an index is) built)?)$`)
	anewClause  = regexp.MustCompile(`^(.+) (?:is|are) rewritten$`)
)

// claimed is what a comment says: of whom reads and writes wait, or writes, and whether
// until something has committed; and what goes on beside those.
type claimed struct {
	reads, writes                      map[string]bool
	batches, checked, built, rewritten []string
	// more is true of a list that is cut.
	more bool
	// bad is what are no words of these comments.
	bad string
}

func readClaims(comment string) claimed {
	c := claimed{reads: map[string]bool{}, writes: map[string]bool{}}
	for _, clause := range strings.Split(strings.TrimSuffix(comment, "."), "; ") {
		clause, _, _ = strings.Cut(clause, ": ")
		c.more = c.more || strings.Contains(clause, " more wait")
		if m := rowClause.FindStringSubmatch(clause); m != nil {
			if m[1] == "" {
				c.batches = append(c.batches, listedNames(m[2])...)
			}
		} else if m := waitClause.FindStringSubmatch(clause); m != nil {
			to := c.writes
			if m[1] == "reads and writes of" {
				to = c.reads
			}
			for _, of := range listedNames(m[2]) {
				to[of] = to[of] || m[3] != "for a moment"
			}
		} else if m := otherClause.FindStringSubmatch(clause); m != nil {
			if m[3] != "" {
				c.checked = append(c.checked, listedNames(m[1])...)
			}
			if m[5] != "" {
				c.built = append(c.built, listedNames(m[1])...)
			}
		} else if m := anewClause.FindStringSubmatch(clause); m != nil {
			c.rewritten = append(c.rewritten, listedNames(m[1])...)
		} else if clause != "the type alone, no table" && clause != "nothing that anybody waits for" {
			c.bad = clause
		}
	}
	return c
}

func listedNames(list string) (all []string) {
	for _, of := range strings.Split(strings.ReplaceAll(list, " and ", ", "), ", ") {
		all = append(all, plain(of))
	}
	return all
}

// plain is the relation without its schema, where that is the usual one.
func plain(of string) string { return strings.TrimPrefix(of, "public.") }

// held is what was seen of a relation: whether the files found it there, whose statements
// waited for it, and whether that was while rows were looked at.
type held struct{ known, reads, writes, long bool }

// comparison holds a file's first comment to what its statements did.
type comparison struct {
	claimed
	name  string
	roots map[string]string
	saw   map[string]*held
	// lasts is true once a statement looked at rows, and anew are the tables that were
	// rewritten.
	lasts    bool
	anew     []string
	problems []string
}

func (c *comparison) wrong(format string, args ...any) {
	c.problems = append(c.problems, c.name+": "+fmt.Sprintf(format, args...))
}

// claims reports whether a list has a relation, or the partitioned table that it is of.
func (c *comparison) claims(list []string, of string) bool {
	return slices.Contains(list, of) || slices.Contains(list, c.roots[of])
}

// problemsOf is where a file's first comment and its statements differ.
func problemsOf(text, name string, all []*proof.Observed, roots map[string]string) []string {
	c := &comparison{name: name, roots: roots, saw: map[string]*held{}}
	all = slices.DeleteFunc(slices.Clone(all), func(s *proof.Observed) bool { return s.File != "sql/"+name })
	_, rest, _ := strings.Cut(text, "\n\n")
	comment, _, _ := strings.Cut(rest, "\n\n")
	comment, says := strings.CutPrefix(strings.ReplaceAll(comment, "\n-- ", " "), locks.Mark)
	if !says {
		if len(all) > 0 || !strings.Contains(text, "-- rung:irreversible") {
			c.wrong("its first comment does not say what it locks")
		}
		return c.problems
	}
	if c.claimed = readClaims(comment); c.bad != "" {
		c.wrong("these are no words of it: %s", c.bad)
	}
	if len(all) == 0 {
		c.wrong("its statements were not observed")
	}
	for _, s := range all {
		c.see(s)
	}
	c.understated()
	c.overstated(strings.Contains(text, "ATTACH PARTITION"))
	return c.problems
}

// see takes a statement.
func (c *comparison) see(s *proof.Observed) {
	if s.Failed != "" || s.NotObserved != "" && !strings.Contains(s.SQL, " CONCURRENTLY ") {
		c.wrong("line %d: %s%s", s.Line, s.Failed, s.NotObserved)
	}
	changes := s.How != "batch" && (strings.HasPrefix(s.SQL, "UPDATE ") || strings.HasPrefix(s.SQL, "DELETE ") || strings.HasPrefix(s.SQL, "INSERT "))
	long := changes || len(s.Scans)+len(s.Rewrites) > 0 || slices.ContainsFunc(s.Builds, func(b proof.Build) bool {
		return !slices.ContainsFunc(s.Locks, func(l proof.Lock) bool { return l.New && l.Relation == b.Table })
	})
	c.lasts = c.lasts || long
	for _, l := range s.Locks {
		of := plain(l.Relation)
		if c.saw[of] == nil {
			c.saw[of] = &held{}
		}
		h := c.saw[of]
		h.known = h.known || !l.New
		h.reads, h.writes = h.reads || l.Blocks == "reads and writes", h.writes || l.Blocks == "writes"
		h.long = h.long || long && l.Blocks != ""
		if s.How == "batch" && l.Mode == "ROW EXCLUSIVE" && !l.New && !c.claims(c.batches, of) {
			c.wrong("line %d: a batch writes %s", s.Line, of)
		}
		if slices.Contains(s.Scans, l.Relation) && strings.Contains(s.SQL, "VALIDATE") && l.Mode == "SHARE UPDATE EXCLUSIVE" && !c.claims(c.checked, of) {
			c.wrong("line %d: checks %s", s.Line, of)
		}
	}
	for _, one := range s.Builds {
		if strings.Contains(s.SQL, " CONCURRENTLY ") && !c.claims(c.built, plain(one.Table)) {
			c.wrong("line %d: builds an index of %s", s.Line, one.Table)
		}
	}
	for _, one := range s.Rewrites {
		c.anew = append(c.anew, cmp.Or(c.roots[plain(one)], plain(one)))
	}
}

// understated is what the comment should have said.
func (c *comparison) understated() {
	// A claim of a partitioned table is one of its partitions.
	find := func(claims map[string]bool, of string) (until, claimed bool) {
		if until, claimed = claims[of]; !claimed {
			until, claimed = claims[c.roots[of]]
		}
		return until, claimed
	}
	for of, h := range c.saw {
		readsUntil, reads := find(c.reads, of)
		writesUntil, writes := find(c.writes, of)
		switch {
		case !h.known || c.more: // the files make it
		case h.reads && !reads:
			c.wrong("reads and writes of %s wait", of)
		case !h.reads && h.writes && !writes:
			c.wrong("writes to %s wait", of)
		case h.long && !readsUntil && !writesUntil:
			c.wrong("a lock on %s lasts", of)
		}
	}
}

// overstated is what is not so. While an index of a partition is attached, reads wait for
// the index, which the review does not count as the table's.
func (c *comparison) overstated(attaches bool) {
	for of, until := range c.reads {
		if (c.saw[of] == nil || !c.saw[of].reads) && !attaches && !c.more {
			c.wrong("no reads of %s wait", of)
		}
		if until && !c.lasts {
			c.wrong("no lock on %s lasts", of)
		}
	}
	for of, until := range c.writes {
		if c.saw[of] == nil || !c.saw[of].writes {
			c.wrong("no writes to %s wait", of)
		}
		if until && !c.lasts {
			c.wrong("no lock on %s lasts", of)
		}
	}
	for _, of := range c.rewritten {
		if !slices.Contains(c.anew, of) {
			c.wrong("%s is not rewritten", of)
		}
	}
}
