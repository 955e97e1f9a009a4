package files

import (
	"path"
	"strings"
)

// Title is the migration as its file name has it: 000007_users_is_premium.
func (m *Migration) Title() string {
	if m.Up != nil {
		return strings.TrimSuffix(path.Base(m.Up.Path), ".up.sql")
	}
	return strings.TrimSuffix(path.Base(m.Down.Path), ".down.sql")
}

// PathOf is a version's file without its ending, as the user would type it.
func (d *Directory) PathOf(v Version, name string) string {
	dir := d.Label
	if m := d.Find(v); m != nil && m.Up != nil {
		dir = path.Dir(m.Up.Path)
	}
	return path.Join(dir, d.Title(v, name))
}

// Title names a version for a person: as the directory's file has it, or, for
// a version that the directory lacks, with the name that the history keeps.
func (d *Directory) Title(v Version, name string) string {
	if m := d.Find(v); m != nil {
		return m.Title()
	}
	return string(v) + "_" + name
}
