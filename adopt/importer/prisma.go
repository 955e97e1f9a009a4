package importer

import (
	"strings"

	"rung/internal/lazyre"
)

var (
	prismaDir      = lazyre.New(`^(\d+)_?([^/]*)/migration\.sql$`)
	prismaAny      = lazyre.New(`^[^/]+/migration\.sql$`)
	prismaProvider = lazyre.New(`^\s*provider\s*=\s*"(.*)"`)
)

const prismaLock = "migration_lock.toml"

func isPrisma(d *directory) bool { return d.anyPath(prismaAny) }

func readPrisma(r *reader) {
	if r.has(prismaLock) {
		for i, text := range r.open(prismaLock).lines {
			if m := prismaProvider.FindStringSubmatch(text); m != nil && m[1] != "postgresql" {
				r.refuse(prismaLock, i+1, "the migrations are for "+m[1]+", not for PostgreSQL", "")
			}
		}
	}
	for _, p := range r.paths {
		m := prismaDir.FindStringSubmatch(p)
		switch {
		case m != nil:
			r.add(Pair{Version: m[1], Name: m[2], Was: strings.TrimSuffix(p, "/migration.sql"), Sources: []string{p}, Up: whole(r.open(p))})
		case prismaAny.MatchString(p):
			r.open(p)
			r.refuse(p, 0, "its folder has no number at its start, which is rung's version", "number it, or leave it out with --except")
		}
	}
	r.inOrderOf(func(p Pair) string { return p.Sources[0] })
}
