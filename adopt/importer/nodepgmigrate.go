package importer

import "rung/internal/lazyre"

var (
	nodeName = lazyre.New(`^(\d+)[_-](.*)\.sql$`)
	nodeCode = lazyre.New(`^\d+[_-].*\.(?:js|cjs|mjs|ts|mts|cts)$`)
	nodeUp   = lazyre.New(`(?i)^\s*--[\s-]*up\s+migration`)
	nodeDown = lazyre.New(`(?i)^\s*--[\s-]*down\s+migration`)
)

func isNodePgMigrate(d *directory) bool { return d.anyLine(nodeUp) || d.anyLine(nodeDown) }

func readNodePgMigrate(r *reader) {
	r.refusePrograms(nodeCode)
	widths := map[int]string{}
	for _, p := range r.root() {
		if m := nodeName.FindStringSubmatch(p); m != nil {
			up, down := r.nodeFile(r.open(p))
			widths[len(m[1])] = p
			r.add(Pair{Version: m[1], Name: m[2], Sources: []string{p}, Up: up, Down: down})
		}
	}
	// 20240131120000000 is a time to it, and so is 1706702400000.
	if utc, millis := widths[17], widths[13]; utc != "" && millis != "" {
		r.refuse(utc, 0, "node-pg-migrate takes its number and that of "+millis+" for times, in different notations; rung sorts them as numbers", "write all in one notation")
	}
}

// nodeFile cuts a file at its markers, which may stand in either order; without
// one all of it is the up.
func (r *reader) nodeFile(s *source) (up, down *Text) {
	up = &Text{}
	part, upAt, above := up, -1, 0 // above is the first line of SQL above the up
	for i, text := range s.lines {
		switch {
		case upAt < 0 && nodeUp.MatchString(text):
			upAt, part = i, up
		case down == nil && nodeDown.MatchString(text):
			down = &Text{}
			part = down
		default:
			if upAt < 0 && part == up && above == 0 && isStatementLine(text) {
				above = i + 1
			}
			part.add(s, i)
		}
	}
	if upAt >= 0 && above > 0 {
		r.refuse(s.path, above, "stands above the up marker, where node-pg-migrate runs nothing", "move it below")
	}
	if down != nil && upAt < 0 {
		r.refuse(s.path, down.firstLine(), "has a down marker and no up marker: node-pg-migrate takes the whole file for the up, its down too", "write `-- Up Migration` above the up")
	}
	return up, down
}
