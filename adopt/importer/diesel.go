package importer

import (
	"path"
	"strings"

	"rung/internal/lazyre"
)

var (
	dieselDir     = lazyre.New(`^([\d-]+)_?([^/]*)/up\.sql$`)
	dieselSetting = lazyre.New(`^\s*run_in_transaction\s*=\s*(true|false)\s*(?:#.*)?$`)
)

func isDiesel(d *directory) bool { return d.anyPath(dieselDir) }

// readDiesel takes the version from the folder's name, without its dashes.
func readDiesel(r *reader) {
	for _, p := range r.paths {
		m := dieselDir.FindStringSubmatch(p)
		if m == nil {
			continue
		}
		pair := Pair{Version: strings.ReplaceAll(m[1], "-", ""), Name: m[2], Sources: []string{p}, Up: whole(r.open(p))}
		if pair.Version != m[1] {
			pair.Was = m[1]
		}
		if down := path.Join(path.Dir(p), "down.sql"); r.has(down) {
			pair.Down, pair.Sources = whole(r.open(down)), append(pair.Sources, down)
		}
		if r.dieselAlone(path.Join(path.Dir(p), "metadata.toml")) {
			pair.Up.noTransaction()
			if pair.Down != nil {
				pair.Down.noTransaction()
			}
		}
		r.add(pair)
	}
}

func (r *reader) dieselAlone(p string) (alone bool) {
	if !r.has(p) {
		return false
	}
	for i, text := range r.open(p).lines {
		if m := dieselSetting.FindStringSubmatch(text); m != nil {
			alone = m[1] == "false"
		} else if text = strings.TrimSpace(text); text != "" && !strings.HasPrefix(text, "#") {
			r.refuse(p, i+1, "rung has no counterpart of "+text, "take it out, or leave the migration out with --except")
		}
	}
	return alone
}
