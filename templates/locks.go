package templates

import (
	"rung/templates/internal/catalog"
	"rung/templates/internal/locks"
	"rung/templates/internal/way"
)

// sayLocks has each file begin with what it locks, and for how long.
func sayLocks(files []File, data map[string]any) error {
	up := locks.About{}
	if t, ok := data["t"].(*catalog.Table); ok && t != nil {
		up.Table = t.As
	}
	down := up
	if direct, _ := data["direct"].(bool); direct {
		up.Lasts = data["small"].(way.SmallTable).Lasts()
		free, _ := data["free"].(bool)
		rewrites, ok := data["rewrites"].(bool)
		up.Light, up.InPlace = free, ok && !rewrites
		if down.InPlace = true; !free { // the old type may take all that the new one does
			down.Lasts = up.Lasts
		}
	}
	pairs := make([]locks.Pair, len(files))
	for i, f := range files {
		pairs[i] = locks.Pair{Up: f.Up, Down: f.Down, AboutUp: up, AboutDown: down}
	}
	err := locks.Write(pairs)
	for i, p := range pairs {
		files[i].Up, files[i].Down = p.Up, p.Down
	}
	return err
}
