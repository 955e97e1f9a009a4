package importer

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"rung/internal/lazyre"

	"rung/runner"
)

var (
	flywayName     = lazyre.New(`^([VUB])(\d+(?:[._]\d+)*)__(.+)\.(?i:sql)$`)
	flywayRepeated = lazyre.New(`^R__(.+)\.(?i:sql)$`)
	flywayCode     = lazyre.New(`^(?:[VUB]\d+(?:[._]\d+)*|R)__.+\.(?:java|kt)$`)
	flywayCallback = lazyre.New(`^(?:before|after|create)[A-Z]\w*?(?:__.*)?\.(?i:sql)$`)
	flywayAny      = lazyre.New(`(?:^|/)(?:[VUB]\d+(?:[._]\d+)*|R)__[^/]+\.(?i:sql)$`)
	flywaySlots    = slots{tool: "Flyway", at: lazyre.New(`(\$\{([^}]*)\})`)}
)

func isFlyway(d *directory) bool { return d.anyPath(flywayAny) }

// flywayFile is a file of Flyway's with what its name says.
type flywayFile struct {
	path, kind, version, description string
}

func readFlyway(r *reader) {
	r.refusePrograms(flywayCode)
	var versioned, undo, repeated []flywayFile
	for _, p := range r.paths {
		base := path.Base(p)
		if m := flywayName.FindStringSubmatch(base); m != nil {
			f := flywayFile{path: p, kind: m[1], version: strings.ReplaceAll(m[2], "_", "."), description: m[3]}
			switch f.kind {
			case "V":
				versioned = append(versioned, f)
			case "U":
				undo = append(undo, f)
			default:
				r.refuse(p, 0, "is a baseline, which Flyway runs on new databases instead of the versions up to it", "leave it out with --except: the versions are run then")
			}
		} else if m := flywayRepeated.FindStringSubmatch(base); m != nil {
			repeated = append(repeated, flywayFile{path: p, kind: "R", description: m[1]})
		} else if flywayCallback.MatchString(base) {
			r.refuse(p, 0, "is a callback, which Flyway runs at each migrate and rung does not", "move what the schema needs into a migration, and leave it out with --except")
		}
	}
	numbered := flywayNumbers(slices.Concat(versioned, undo))
	r.flywayUndo(undo, r.flywayVersioned(versioned, numbered), numbered)
	r.flywayRepeated(repeated)
}

// flywayVersioned adds the V files, and returns where each version is.
func (r *reader) flywayVersioned(files []flywayFile, numbered func(string) string) map[runner.Version]int {
	at := map[runner.Version]int{}
	for _, f := range files {
		p := Pair{Version: numbered(f.version), Name: f.description, Sources: []string{f.path}, Up: r.flywayText(f)}
		if p.Version != f.version {
			p.Was = f.version
		}
		at[number(p.Version)] = len(r.result.Pairs)
		r.add(p)
	}
	return at
}

// flywayUndo makes the U files the downs of their versions.
func (r *reader) flywayUndo(files []flywayFile, at map[runner.Version]int, numbered func(string) string) {
	for _, f := range files {
		i, ok := at[number(numbered(f.version))]
		switch {
		case !ok:
			r.open(f.path)
			r.refuse(f.path, 0, "undoes version "+f.version+", which has no file", "leave it out with --except")
		case r.result.Pairs[i].Down != nil:
			r.open(f.path)
			r.refuse(f.path, 0, "undoes version "+f.version+" a second time", "keep one")
		default:
			p := &r.result.Pairs[i]
			p.Down, p.Sources = r.flywayText(f), append(p.Sources, f.path)
		}
	}
}

// flywayRepeated makes the R files the last versions, in the order that Flyway
// runs them in.
func (r *reader) flywayRepeated(files []flywayFile) {
	slices.SortStableFunc(files, func(a, b flywayFile) int { return cmp.Compare(a.description, b.description) })
	last, width := runner.Version("0"), 0
	for _, p := range r.result.Pairs {
		if width = max(width, len(p.Version)); number(p.Version).Compare(last) > 0 {
			last = number(p.Version)
		}
	}
	for _, f := range files {
		last = plusOne(last)
		version := zeroPadded(string(last), width)
		r.add(Pair{Version: version, Name: f.description, Was: "repeatable", Sources: []string{f.path}, Up: r.flywayText(f)})
		r.note(f.path, 0, "Flyway runs it again whenever it changes; rung runs it once, as version "+version, "write a new migration for each later change of it")
	}
}

// flywayNumbers makes whole numbers of versions. Where all are whole, they stay
// as they are. Otherwise each part behind the first takes as many digits as the
// widest, three at least, so that 1.10 comes behind 1.9, and 2 behind both.
func flywayNumbers(files []flywayFile) func(version string) string {
	parts, width, first := 1, 3, 1
	for _, f := range files {
		split := strings.Split(f.version, ".")
		for len(split) > 1 && strings.Trim(split[len(split)-1], "0") == "" {
			split = split[:len(split)-1] // 1.0 is 1
		}
		parts, first = max(parts, len(split)), max(first, len(split[0]))
		for _, s := range split[1:] {
			width = max(width, len(strings.TrimLeft(s, "0")))
		}
	}
	return func(version string) string {
		split := strings.Split(version, ".")
		if parts == 1 {
			return split[0]
		}
		digits := zeroPadded(split[0], first)
		for i := 1; i < parts; i++ {
			part := "0"
			if i < len(split) {
				part = string(number(split[i]))
			}
			digits += zeroPadded(part, width)
		}
		return digits
	}
}

// flywayText reads a file with its settings.
func (r *reader) flywayText(f flywayFile) *Text {
	conf := r.flywayConf(f.path + ".conf")
	s := r.open(f.path)
	t := whole(s)
	for i := range s.lines {
		if !conf.plain && s.err == nil {
			t.lines[i].text = r.fill(s, i, flywaySlots)
		}
	}
	if conf.alone {
		t.noTransaction()
	}
	return t
}

// flywayConf is what the settings beside a file say.
type flywayConf struct{ alone, plain bool }

func (r *reader) flywayConf(p string) (c flywayConf) {
	if !r.has(p) {
		return c
	}
	for i, text := range r.open(p).lines {
		key, value, _ := strings.Cut(text, "=")
		key, value = strings.TrimSpace(key), strings.ToLower(strings.TrimSpace(value))
		switch {
		case key == "" || strings.HasPrefix(key, "#"):
		case key == "executeInTransaction":
			c.alone = value == "false"
		case key == "placeholderReplacement":
			c.plain = value == "false"
		case key == "encoding" && (value == "utf-8" || value == "utf8"):
		default:
			r.refuse(p, i+1, "rung has no counterpart of "+strings.TrimSpace(text), "take it out, or leave the migration out with --except")
		}
	}
	return c
}
