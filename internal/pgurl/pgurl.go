// Package pgurl reads where a database is, as libpq does: a postgres:// URL or
// key=value pairs, PG* variables, a service file. What is neither never becomes
// an address, so that no piece of a password is sent to a server or looked up as
// a host's name; and no error repeats a value.
package pgurl

import (
	"bytes"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/lib/pq"
)

// Error is an address that cannot be used: what is wrong, and the fix.
type Error struct{ What, Fix string }

func (e *Error) Error() string { return e.What }

func wrong(fix, format string, args ...any) error {
	return &Error{What: fmt.Sprintf(format, args...), Fix: fix}
}

// Source is what is read beside the address: the environment, as os.Environ has
// it, and the files that it names. A nil ReadFile reads none.
type Source struct {
	Env      []string
	ReadFile func(string) ([]byte, error)
	// User is the name of the operating system's user.
	User string
}

// Environment is the source of this process.
func Environment() Source {
	s := Source{Env: os.Environ(), ReadFile: os.ReadFile}
	if u, err := user.Current(); err == nil {
		s.User = u.Username[strings.LastIndexByte(u.Username, '\\')+1:] // on Windows DOMAIN\name
	}
	return s
}

func (s Source) get(name string) string {
	value := ""
	for _, e := range s.Env {
		if k, v, ok := strings.Cut(e, "="); ok && k == name {
			value = v
		}
	}
	return value
}

// Parse reads an address, which may be empty, and fills in what it lacks: from
// the service that it names, then from the environment, then libpq's defaults.
func Parse(address string, from Source) (pq.Config, error) {
	address = strings.TrimSpace(address)
	given, err := split(address)
	if err != nil {
		return pq.Config{}, err
	}
	p := params{}
	for _, g := range given {
		if err := p.add(g, "", g.name); err != nil {
			return pq.Config{}, err
		}
	}
	if err := p.addService(from); err != nil {
		return pq.Config{}, err
	}
	if err := p.addEnvironment(from); err != nil {
		return pq.Config{}, err
	}
	return p.config(from)
}

// split makes pairs of an address.
func split(address string) ([]pair, error) {
	if address == "" {
		return nil, nil
	}
	if err := mangled(address); err != nil {
		return nil, err
	}
	if scheme := schemeOf(address); scheme != "" {
		return splitURL(strings.TrimPrefix(address, scheme))
	}
	return splitPairs(address)
}

func schemeOf(address string) string {
	for _, s := range []string{"postgres://", "postgresql://"} {
		if strings.HasPrefix(address, s) {
			return s
		}
	}
	return ""
}

const likeThis = "write it like postgres://user:password@host/database"

// mangled says what a copy, a shell or an editor has done to an address.
func mangled(address string) error {
	first := address[0]
	for _, c := range address {
		if unicode.IsControl(c) && !unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) || c == unicode.ReplacementChar {
			return wrong("type it again, or save the file as UTF-8 without a byte order mark", "the database URL holds the invisible character U+%04X", c)
		}
	}
	name, rest, named := strings.Cut(address, "=")
	scheme, _, isURL := strings.Cut(address, "://")
	switch {
	case strings.ContainsRune("'\"`", rune(first)):
		return wrong("take them away: a shell removes quotes, a file and most settings pages do not", "the database URL stands in quotes")
	case first == '<' || first == '[':
		return wrong(likeThis, "the database URL stands in brackets")
	case schemeOf(address) != "":
		return mangledURL(address)
	case named && strings.HasSuffix(strings.TrimSpace(strings.ToUpper(name)), "URL"):
		return wrong("take away the name and the =", "the database URL begins with the name of a variable")
	case named && schemeOf(strings.Trim(strings.TrimSpace(rest), `'"`)) != "" && plainName(strings.TrimSpace(name)):
		return wrong("give the URL alone", "a URL stands as the value of a parameter")
	case strings.HasPrefix(address, "psql ") || strings.HasPrefix(address, "export "):
		return wrong("give the URL alone", "the database URL begins with a command")
	case strings.HasPrefix(address, "postgres:") || strings.HasPrefix(address, "postgresql:") || strings.HasPrefix(address, "//"):
		return wrong(likeThis, "the database URL does not begin with postgres://")
	case isURL && knownScheme(scheme):
		return wrong(likeThis, "the database URL starts with %s://, and rung speaks to PostgreSQL", scheme)
	case isURL && !named:
		return wrong(likeThis, "the database URL does not begin with postgres://")
	case !named:
		return wrong(likeThis, "the database URL is neither a postgres:// URL nor key=value pairs")
	}
	return nil
}

func mangledURL(address string) error {
	_, rest, _ := strings.Cut(address, "://")
	switch {
	case strings.Contains(rest, "postgres://") || strings.Contains(rest, "postgresql://"):
		return wrong("give one URL; several hosts stand in it like host1:5432,host2:5432", "two database URLs stand where one should")
	case strings.ContainsFunc(rest, unicode.IsSpace):
		return wrong("write a blank as %20, as in a password or in options=-c%20…; take any other away", "the database URL has a blank or a line break in it")
	}
	return nil
}

// knownScheme reports whether a scheme can be shown: a piece of a password may
// stand before a ://.
func knownScheme(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && c != '+' && c != ':' {
			return false
		}
	}
	return s != ""
}

// plainName reports whether a text can be the name of a parameter.
func plainName(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// ReadFile reads an address from a file, without the line end.
func ReadFile(text []byte) (string, error) {
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return "", wrong("save it as UTF-8 without a byte order mark", "the file with the database URL begins with a byte order mark")
	}
	return strings.TrimSpace(string(text)), nil
}

func home(s Source) string {
	if h := s.get("HOME"); h != "" {
		return h
	}
	return s.get("USERPROFILE")
}

func serviceFiles(s Source) []string {
	if f := s.get("PGSERVICEFILE"); f != "" {
		return []string{f}
	}
	var files []string
	if h := home(s); h != "" {
		files = append(files, filepath.Join(h, ".pg_service.conf"))
	}
	if d := s.get("PGSYSCONFDIR"); d != "" {
		files = append(files, filepath.Join(d, "pg_service.conf"))
	}
	return files
}
