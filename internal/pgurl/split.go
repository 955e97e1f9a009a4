package pgurl

import (
	"net/url"
	"strings"
	"unicode"
)

// pair is a parameter as it was written. An unsure one may be a piece of a
// password, and its name is not shown.
type pair struct {
	name, value string
	unsure      bool
}

const encodeFix = "is every special character of the password percent-encoded? / is %2F, @ is %40, ? is %3F, # is %23, % is %25"

func unreadable() error { return wrong(encodeFix, "the database URL cannot be read") }

// splitURL reads what stands behind the scheme, as conninfo_uri_parse does
// (fe-connect.c): [user[:password]@][host[:port],...][/database][?name=value&...].
// There is no fragment. The last @ ends the password, since none is in a host.
func splitURL(rest string) (pairs []pair, err error) {
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	path, query, _ := strings.Cut(tail, "?")
	if misplacedAt(authority, path, query) {
		return nil, unreadable()
	}
	add := func(name, encoded string) {
		value, e := url.PathUnescape(encoded)
		if e != nil || strings.ContainsRune(value, 0) {
			err = unreadable()
		}
		if value != "" {
			pairs = append(pairs, pair{name: name, value: value})
		}
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		add("user", user)
		add("password", password)
		authority = authority[i+1:]
	}
	hosts, ports, ok := splitHosts(authority)
	if !ok {
		return nil, unreadable()
	}
	add("host", hosts)
	add("port", ports)
	add("dbname", strings.TrimPrefix(path, "/"))
	for _, q := range strings.Split(query, "&") {
		name, value, ok := strings.Cut(q, "=")
		name, e := url.PathUnescape(name)
		switch {
		case q == "":
			continue
		case !ok || e != nil || strings.Contains(value, "="):
			return nil, wrong("behind the ? stand name=value pairs, parted by &", "the parameters of the database URL cannot be read")
		}
		n := len(pairs)
		if add(name, value); len(pairs) == n {
			pairs = append(pairs, pair{name: name})
		}
	}
	return pairs, err
}

// misplacedAt reports whether an @ stands behind the host: a / or ? of the
// password was taken for the end of it, and what would be called the host, the
// port and the database are pieces of the password.
func misplacedAt(authority, path, query string) bool {
	for _, q := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(q, "=")
		path += name
	}
	return !strings.Contains(authority, "@") && strings.Contains(path, "@")
}

// splitHosts parts the hosts of a URL from their ports. An IPv6 address stands in
// brackets.
func splitHosts(list string) (hosts, ports string, ok bool) {
	var hs, ps []string
	any := false
	for _, h := range strings.Split(list, ",") {
		port := ""
		if inner, after, bracket := strings.Cut(h, "]"); strings.HasPrefix(h, "[") {
			if !bracket || after != "" && after[0] != ':' || inner == "[" {
				return "", "", false
			}
			h, port = inner[1:], strings.TrimPrefix(after, ":")
		} else if h, port, _ = strings.Cut(h, ":"); strings.Contains(port, ":") {
			return "", "", false
		}
		any = any || port != ""
		hs, ps = append(hs, h), append(ps, port)
	}
	if !any {
		ps = nil
	}
	return strings.Join(hs, ","), strings.Join(ps, ","), true
}

// splitPairs reads key=value pairs, as conninfo_parse does (fe-connect.c).
func splitPairs(text string) (pairs []pair, err error) {
	s := []rune(text)
	i := 0
	blanks := func() {
		for i < len(s) && unicode.IsSpace(s[i]) {
			i++
		}
	}
	cannot := func() error {
		return wrong("a value with a blank in it stands between single quotes", "the database's key=value pairs cannot be read")
	}
	secret := false // whether an unquoted password came before
	for blanks(); i < len(s); blanks() {
		from := i
		for i < len(s) && s[i] != '=' && !unicode.IsSpace(s[i]) {
			i++
		}
		name := string(s[from:i])
		if blanks(); i == len(s) || s[i] != '=' {
			return nil, cannot()
		}
		i++
		blanks()
		value, quoted, ok := readValue(s, &i)
		if !ok {
			return nil, cannot()
		}
		pairs = append(pairs, pair{name: name, value: value, unsure: secret})
		secret = secret || strings.Contains(name, "password") && !quoted
	}
	return pairs, nil
}

// readValue reads one value: to a blank, or to the quote that ends it. A
// backslash takes the next character as it is.
func readValue(s []rune, i *int) (value string, quoted, ok bool) {
	var out []rune
	if quoted = *i < len(s) && s[*i] == '\''; quoted {
		*i++
	}
	for ; *i < len(s); *i++ {
		c := s[*i]
		switch {
		case quoted && c == '\'':
			*i++
			return string(out), true, true
		case !quoted && unicode.IsSpace(c):
			return string(out), false, true
		case c == '\\':
			if *i++; *i == len(s) {
				return "", quoted, !quoted
			}
			c = s[*i]
		}
		out = append(out, c)
	}
	return string(out), quoted, !quoted
}
