package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/templates"
)

// templateParams reads --params and then --set, which wins.
func (t *terminal) templateParams(c *ucli.Context) (map[string]string, error) {
	params := map[string]string{}
	if file := c.String("params"); file != "" {
		text, err := t.readParams(file)
		if err != nil {
			return nil, fault.Usagef("", "--params: %w", err)
		}
		if params, err = paramsOf(file, text); err != nil {
			return nil, err
		}
	}
	given := map[string]string{}
	for _, set := range c.StringSlice("set") {
		name, value, ok := strings.Cut(set, "=")
		if !ok {
			return nil, fault.Usagef("write it like --set table=users", "--set %s has no =", set)
		}
		name = strings.TrimSpace(name)
		if before, twice := given[name]; twice {
			if !templates.Several(name) {
				return nil, fault.Usagef("give it once", "--set gives %s twice, and it is one value", name)
			}
			value = templates.Join(name, before, value)
		}
		given[name] = value
	}
	maps.Copy(params, given)
	return params, nil
}

// readParams reads a file of parameters, or what comes in for "-".
func (t *terminal) readParams(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(t.in)
	}
	return os.ReadFile(file)
}

// paramsReader goes through a JSON object token by token: a map would take the last of
// two values of one name, and know of no place.
type paramsReader struct {
	file string
	text []byte
	d    *json.Decoder
}

// paramsOf reads a file of --params: one JSON object, whose values are strings,
// numbers, true or false, lists of those, or an object of strings; null is as if the
// name were not there.
func paramsOf(file string, text []byte) (map[string]string, error) {
	r := &paramsReader{file: file, text: text, d: json.NewDecoder(bytes.NewReader(text))}
	var all json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, r.bad(err)
	}
	r.d.UseNumber()
	if open, _ := r.d.Token(); open != json.Delim('{') {
		return nil, r.wrong(0, "not a JSON object")
	}
	params := map[string]string{}
	seen := map[string]bool{}
	for r.d.More() {
		at := r.next()
		name := r.token().(string) //nolint:errcheck,forcetypeassert // the decoder lets nothing else stand there
		if seen[name] {
			return nil, r.wrong(at, name+" is given twice")
		}
		seen[name] = true
		value, given, err := r.value(name)
		if err != nil {
			return nil, err
		}
		if given {
			params[name] = value
		}
	}
	return params, nil
}

// token is the next one of a text that is known to be JSON.
func (r *paramsReader) token() json.Token {
	t, _ := r.d.Token()
	return t
}

// value reads a parameter's value as --set would have it.
func (r *paramsReader) value(name string) (text string, given bool, err error) {
	at := r.next()
	switch v := r.token(); v {
	case nil:
		return "", false, nil
	case json.Delim('['):
		var items []string
		for r.d.More() {
			at := r.next()
			item, ok := scalar(r.token())
			if !ok {
				return "", false, r.wrong(at, "a list in "+name+" holds strings, numbers, true or false")
			}
			items = append(items, item)
		}
		r.token()
		text, err = templates.List(name, items)
	case json.Delim('{'):
		var pairs [][2]string
		for r.d.More() {
			from := r.token().(string) //nolint:errcheck,forcetypeassert // a name
			at := r.next()
			to, ok := scalar(r.token())
			if !ok {
				return "", false, r.wrong(at, "a map in "+name+" goes from strings to strings")
			}
			pairs = append(pairs, [2]string{from, to})
		}
		r.token()
		text, err = templates.Map(name, pairs)
	default:
		text, _ = scalar(v)
	}
	if err != nil {
		return "", false, r.wrong(at, err.Error())
	}
	return text, true, nil
}

// scalar is a string, a number, or true or false, as text.
func scalar(t json.Token) (string, bool) {
	switch v := t.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

// next is where the next token begins: blanks, a comma or a colon stand before it.
func (r *paramsReader) next() int {
	at := int(r.d.InputOffset())
	return at + len(r.text[at:]) - len(bytes.TrimLeft(r.text[at:], " \t\r\n,:"))
}

// wrong is an error at a byte of the text.
func (r *paramsReader) wrong(at int, what string) error {
	at = min(max(at, 0), len(r.text))
	before := r.text[:at]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fault.Usagef(`it is one JSON object, {"table": "users", "values": ["a", "b"], "map": {"old": "new"}}`, "--params %s:%d:%d: %s", r.file, line, column, what)
}

// bad is an error for a text that is no JSON.
func (r *paramsReader) bad(err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return r.wrong(0, err.Error())
	}
	if int(syntax.Offset) >= len(r.text) && strings.HasPrefix(err.Error(), "unexpected end") {
		return r.wrong(len(bytes.TrimRight(r.text, " \t\r\n")), "it ends too early")
	}
	return r.wrong(int(syntax.Offset)-1, err.Error())
}
