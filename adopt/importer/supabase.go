package importer

import (
	"rung/internal/lazyre"

	"rung/runner"
)

var supabaseInit = lazyre.New(`^(\d{14})_init\.sql$`)

// supabaseFirst is the time before which its command line passes over a file
// named init.
const supabaseFirst = "20211209000000"

func isSupabase(d *directory) bool {
	for _, p := range d.root() {
		if _, paired := runner.ParseFileName(p); numberedName.MatchString(p) && !paired {
			return true
		}
	}
	return false
}

func readSupabase(r *reader) {
	for _, p := range r.root() {
		m := numberedName.FindStringSubmatch(p)
		if m == nil {
			continue
		}
		if old := supabaseInit.FindStringSubmatch(p); old != nil && old[1] < supabaseFirst {
			r.read[p] = true
			r.note(p, 0, "is not imported: Supabase passes over an init file from before "+supabaseFirst, "")
			continue
		}
		r.add(Pair{Version: m[1], Name: m[2], Sources: []string{p}, Up: whole(r.open(p))})
	}
	r.inOrderOf(func(p Pair) string { return p.Sources[0] })
}
