package adopt

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"unicode"

	"rung/internal/lazyre"
	"rung/runner"
)

// files finds the files that another history means.
type files struct {
	d *runner.Directory
	// ups are the migrations with an up file, in order.
	ups []*runner.Migration
}

func filesOf(d *runner.Directory) *files {
	f := &files{d: d}
	for _, m := range d.Migrations {
		if m.Up != nil {
			f.ups = append(f.ups, m)
		}
	}
	return f
}

// find is the file that an entry means, or nil. Otherwise is the name that the tool
// has for what the file calls another: then somebody must say that it is the same.
func (f *files) find(e entry) (m *runner.Migration, otherwise string) {
	version, name := e.number()
	if v, err := runner.ParseVersion(version); err == nil {
		m = f.up(v)
	}
	if name == "" || m != nil && same(m.Name, name) {
		return m, ""
	}
	if named := f.only(func(m *runner.Migration) bool { return same(m.Name, name) }); named != nil {
		return named, ""
	}
	if version == "" {
		return f.only(func(m *runner.Migration) bool { return sha1Of(m) == e.checksum }), ""
	}
	return m, name
}

// nth is the file of an entry without a name: of the same bytes, of that number, or
// with that place in the order.
func (f *files) nth(e entry, n int) *runner.Migration {
	if m := f.only(func(m *runner.Migration) bool { return m.Up.Checksum == e.checksum }); m != nil {
		return m
	}
	if m := f.up(versionOf(e)); m != nil {
		return m
	}
	if n < len(f.ups) {
		return f.ups[n]
	}
	return nil
}

func (f *files) up(v runner.Version) *runner.Migration {
	if m := f.d.Find(v); m != nil && m.Up != nil {
		return m
	}
	return nil
}

// only is the one file of which it is so, or nil.
func (f *files) only(is func(*runner.Migration) bool) (one *runner.Migration) {
	for _, m := range f.ups {
		switch {
		case !is(m):
		case one != nil:
			return nil
		default:
			one = m
		}
	}
	return one
}

// sha1Of is what sqitch knows a file by.
func sha1Of(m *runner.Migration) string {
	text, err := m.Up.Text()
	if err != nil {
		return ""
	}
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

var (
	numbered  = lazyre.New(`^(\d+)(?:[_-]+(.*))?$`)
	extension = lazyre.New(`\.(?:up\.)?(?:sql|js|ts|cjs|mjs|rb|exs)$`)
	dotted    = lazyre.New(`^\d+([._]\d+)*$`)
	noZeros   = lazyre.New(`([._]0+)+$`)
)

// number takes an entry's version apart into digits, or "", and the name.
func (e entry) number() (version, name string) {
	version, name = extension.ReplaceAllString(e.version, ""), e.name
	if dotted.MatchString(version) {
		version = noZeros.ReplaceAllString(version, "") // Flyway's 1.0 is its 1
	}
	if m := numbered.FindStringSubmatch(version); m != nil {
		version = m[1]
		if name == "" && m[2] != "" && strings.Trim(m[2], "0123456789_") != "" {
			name = m[2]
		}
	}
	return version, name
}

// key is what the tool calls the version.
func (e entry) key() string {
	if e.version != "" {
		return e.version
	}
	return e.name
}

// same reports whether two names differ only in case and in what stands between
// words.
func same(a, b string) bool { return folded(a) == folded(b) }

func folded(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "_")
}
