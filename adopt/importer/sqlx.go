package importer

import (
	"strings"

	"rung/internal/lazyre"

	"rung/runner"
)

// sqlxAlone switches the transaction off where a file begins with it.
const sqlxAlone = "-- no-transaction"

var numberedName = lazyre.New(`^(\d+)_(.*)\.sql$`)

// isSQLx is true of plain numbered files, which Supabase has too, and of pairs
// that say something that rung does not know.
func isSQLx(d *directory) bool {
	for _, p := range d.root() {
		_, paired := runner.ParseFileName(p)
		if numberedName.MatchString(p) && (!paired || strings.HasPrefix(d.text(p).first(), sqlxAlone)) {
			return true
		}
	}
	return false
}

func readSQLx(r *reader) {
	downs := map[string]*source{}
	for _, p := range r.root() {
		if n, ok := runner.ParseFileName(p); ok && n.Direction == runner.Down {
			downs[n.Digits] = r.open(p)
		}
	}
	for _, p := range r.root() {
		m := numberedName.FindStringSubmatch(p)
		n, paired := runner.ParseFileName(p)
		if m == nil || paired && n.Direction == runner.Down {
			continue
		}
		pair := Pair{Version: m[1], Name: m[2], Sources: []string{p}, Up: sqlxText(r.open(p))}
		if paired {
			pair.Name = n.Name
			if down := downs[m[1]]; down != nil {
				pair.Down, pair.Sources = sqlxText(down), append(pair.Sources, down.path)
				delete(downs, m[1])
			}
		}
		r.add(pair)
	}
	for _, down := range downs {
		r.refuse(down.path, 0, "has no up file of its version", "leave it out with --except")
	}
}

// sqlxText is a file, which switches the transaction off by how it begins.
func sqlxText(s *source) *Text {
	t := whole(s)
	if s.bom || !strings.HasPrefix(s.first(), sqlxAlone) {
		return t
	}
	if s.first() == sqlxAlone {
		t.lines, t.whole = t.lines[1:], false
	}
	t.noTransaction()
	return t
}
