// Package page is the frame of rung's pages for a browser: one file each, which loads
// nothing and runs no script, and whose content security policy allows neither.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"sync"
)

//go:embed base.css
var base string

//go:embed head.html
var head string

// Frame is what a page has in its head. Its template begins with
// {{template "head" .Frame}}.
type Frame struct {
	Title, Policy string
	Style         template.CSS
}

// New is the frame of a page with styles of its own, which must not come from outside.
func New(title, css string) Frame {
	style := base + css
	sum := sha256.Sum256([]byte(style))
	return Frame{
		Title:  title,
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style), //nolint:gosec // it is embedded
	}
}

// Parse is the template of a page, which escapes all that it shows. It is parsed
// when the first page is written: no other command should pay for it at its start.
func Parse(text string) func() *template.Template {
	return sync.OnceValue(func() *template.Template {
		return template.Must(template.Must(template.New("page").Parse(head)).Parse(text))
	})
}
