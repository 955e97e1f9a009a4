package locks

import (
	"slices"
	"strings"
)

// claim is that somebody waits for a relation.
type claim struct {
	of    string
	waits waits
	// long is true for a lock that is held while rows are looked at.
	long bool
	// whole is true where that is until the file has committed, and batch where a
	// batch has.
	whole, batch bool
}

// claims are what is so of a file.
type claims struct {
	all []claim
	// Beside reads and writes; the last is of what is rewritten under its lock.
	scanned, built, rewritten []string
	indexes                   int // how many are built
}

// claimsOf is what a file locks.
func (k *known) claimsOf(all []transaction) (c claims) {
	k.open(all)
	for _, tx := range all {
		var held []claim
		for _, s := range tx.statements {
			e := k.ofOthers(s)
			for _, l := range e.locks {
				held = append(held, claim{of: l.of, waits: l.waits, whole: tx.whole, batch: tx.batch})
			}
			c.beside(e)
			// In a file of several transactions indexes are built CONCURRENTLY: one that is
			// made otherwise takes over those of the partitions.
			long := e.long || e.makes && tx.whole
			for i := range held {
				h := &held[i]
				h.long = h.long || h.waits == rows || long && h.waits >= numbers || strings.HasPrefix(s, "DO ") && readsIn(s, h.of)
			}
		}
		for _, one := range held {
			c.add(one)
		}
	}
	c.weed()
	return c
}

// ofOthers is what a statement does, but for what it does to what the files make.
func (k *known) ofOthers(statement string) effect {
	e, _ := k.effectOf(statement)
	own := len(e.locks)
	e.locks = slices.DeleteFunc(e.locks, func(l lock) bool { return k.made[last(l.of)] || k.views[l.of] })
	if m := makeView.FindStringSubmatch(statement); m != nil {
		k.views[m[1]] = !k.gone[m[1]]
	} else if m := dropView.FindStringSubmatch(statement); m != nil {
		for _, view := range namesIn(m[1]) {
			k.gone[view] = true
		}
	}
	if own > 0 && len(e.locks) == 0 {
		return effect{}
	}
	return e
}

// beside notes what a statement does to its table as a whole.
func (c *claims) beside(e effect) {
	if len(e.locks) == 0 {
		return
	}
	of := e.locks[0].of
	if e.builds {
		c.indexes++
	}
	for _, one := range []struct {
		does bool
		list *[]string
	}{{e.scans, &c.scanned}, {e.builds, &c.built}, {e.rewrites, &c.rewritten}} {
		if one.does && !slices.ContainsFunc(*one.list, func(s string) bool { return same(s, of) }) {
			*one.list = append(*one.list, of)
		}
	}
}

// readsIn reports whether a block of code reads a table.
func readsIn(block, table string) bool {
	words := strings.Join(strings.Fields(block), " ") + " "
	return strings.Contains(words, "FROM "+table+" ") || strings.Contains(words, "JOIN "+table+" ")
}

// same reports whether two names are of one relation: one may have its schema before it.
func same(a, b string) bool {
	return a == b || last(a) == last(b) && (last(a) == a || last(b) == b)
}

func (c *claims) add(n claim) {
	for i, o := range c.all {
		if same(o.of, n.of) && o.waits == n.waits && o.long == n.long && o.batch == n.batch {
			if len(n.of) < len(o.of) {
				c.all[i].of = n.of
			}
			c.all[i].whole = o.whole || n.whole
			return
		}
	}
	c.all = append(c.all, n)
}

// weed takes out what a stronger claim says already.
func (c *claims) weed() {
	c.all = slices.DeleteFunc(c.all, func(n claim) bool {
		return slices.ContainsFunc(c.all, func(o claim) bool {
			switch {
			case o == n || !same(o.of, n.of):
				return false
			case n.waits == rows:
				return o.waits > rows && o.long && !n.batch
			}
			return o.waits > rows && o.waits >= n.waits && (o.long || !n.long) && (o.waits > n.waits || o.long)
		})
	})
}
