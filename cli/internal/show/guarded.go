package show

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/secret"
)

// Guarded is a way out on which passwords are hidden, and what is not seen is
// written out: everything passes here but what is asked for as it is, which
// terminal.raw gets. Each message is one Write.
type Guarded struct{ W io.Writer }

// Write implements io.Writer.
func (g Guarded) Write(p []byte) (int, error) {
	hide := func(s string) string { return visibleLines(secret.Mask(s)) }
	if json.Valid(p) {
		hide = maskJSON
	}
	if _, err := io.WriteString(g.W, hide(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// verbatim are the keys of JSON whose values are asked for as they are: SQL to
// be run, a file that was written, a script, and the address of a sandbox.
var verbatim = map[string]bool{"sql": true, "text": true, "script": true, "page": true, "database_url": true}

// jsonString is a string of a JSON text, and the colon that makes it a key.
var jsonString = lazyre.New(`"(?:[^"\\]|\\.)*":?`)

// maskJSON hides the passwords in the values of a JSON text. There the quotes
// and the line ends of a value are escaped, so each is looked at by itself.
func maskJSON(text string) string {
	key := ""
	return jsonString.ReplaceAllStringFunc(text, func(m string) string {
		if name, ok := strings.CutSuffix(m, ":"); ok {
			key, _ = strconv.Unquote(name)
			return m
		}
		var value string
		if verbatim[key] || json.Unmarshal([]byte(m), &value) != nil {
			return m
		}
		hidden := secret.Mask(value)
		if hidden == value {
			return m
		}
		return QuoteJSON(hidden)
	})
}

// QuoteJSON is a text as JSON, with <, > and & as they are.
func QuoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""` // a string can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
