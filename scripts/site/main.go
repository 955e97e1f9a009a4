// Site makes the documentation's Markdown into pages for a browser, in a directory of
// static files: what README.md links to, and what those pages link to. It is a module of
// its own, so that rung's does not need a Markdown library.
//
//	go run . ../.. ../../site
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// order is the page whose list is the navigation.
const order = "docs/README.md"

//go:embed page.html
var frame string

//go:embed style.css
var style []byte

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: site REPOSITORY DIRECTORY")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// site is what has been read so far.
type site struct {
	from, to string
	md       goldmark.Markdown
	pages    map[string]*page
	// files are linked to and are no pages: pictures, manifests.
	files map[string]bool
}

// page is a Markdown file.
type page struct {
	name, title string
	source      []byte
	doc         ast.Node
	links       []string // to other pages, in their order
}

// group is a line of the reading order.
type group struct{ Pages []*page }

func build(from, to string) error {
	s := &site{
		from: from, to: to, pages: map[string]*page{}, files: map[string]bool{},
		md: goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID())),
	}
	if err := s.read("README.md"); err != nil {
		return err
	}
	if s.pages[order] == nil {
		if err := s.read(order); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	groups := s.groups()
	reading := []*page{s.pages["README.md"]}
	for _, g := range groups {
		reading = append(reading, g.Pages...)
	}
	for _, p := range s.pages {
		if err := s.write(p, groups, reading); err != nil {
			return err
		}
	}
	for name := range s.files {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = s.put(name, b)
		}
		if err != nil {
			return err
		}
	}
	fmt.Printf("%d pages in %s\n", len(s.pages), to)
	return s.put("style.css", style)
}

// read parses a page and those that it links to.
func (s *site) read(name string) error {
	source, err := os.ReadFile(filepath.Join(s.from, name))
	if err != nil {
		return err
	}
	p := &page{name: name, source: source}
	s.pages[name] = p
	context := parser.NewContext(parser.WithIDs(&anchors{taken: map[string]int{}}))
	p.doc = s.md.Parser().Parse(text.NewReader(source), parser.WithContext(context))
	err = ast.Walk(p.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var err error
		switch n := n.(type) {
		case *ast.Heading:
			if p.title == "" {
				p.title = plain(n, source)
			}
		case *ast.Link:
			n.Destination, err = s.follow(p, n.Destination)
		case *ast.Image:
			n.Destination, err = s.follow(p, n.Destination)
		}
		return ast.WalkContinue, err
	})
	return err
}

// follow notes where a link leads, and returns it as the page for the browser has it.
func (s *site) follow(p *page, link []byte) ([]byte, error) {
	u, err := url.Parse(string(link))
	if err != nil || u.IsAbs() || u.Path == "" {
		return link, err
	}
	name := path.Join(path.Dir(p.name), u.Path)
	info, err := os.Stat(filepath.Join(s.from, name))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", p.name, err)
	case info.IsDir():
		name = path.Join(name, "README.md")
		u.Path = path.Join(u.Path, "README.md")
	}
	if path.Ext(name) != ".md" {
		s.files[name] = true
		if path.Ext(name) == "" { // a browser would not show it: LICENSE
			return link, nil
		}
		return []byte(u.String()), nil
	}
	p.links = append(p.links, name)
	u.Path = htmlName(u.Path)
	if s.pages[name] != nil {
		return []byte(u.String()), nil
	}
	return []byte(u.String()), s.read(name)
}

// groups is the navigation: the items of the list in the page of the reading order,
// and below "From another tool" its pages.
func (s *site) groups() (all []group) {
	seen := map[string]bool{"README.md": true, order: true}
	_ = ast.Walk(s.pages[order].doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Kind() != ast.KindListItem {
			return ast.WalkContinue, nil
		}
		var g group
		add := func(name string) {
			if p := s.pages[name]; p != nil && !seen[name] {
				seen[name] = true
				g.Pages = append(g.Pages, p)
			}
		}
		_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if l, ok := n.(*ast.Link); ok && entering {
				name := path.Join(path.Dir(order), markdownName(string(l.Destination)))
				add(name)
				if name == "docs/from.md" {
					for _, below := range s.pages[name].links {
						if path.Dir(below) == "docs/from" {
							add(below)
						}
					}
				}
			}
			return ast.WalkContinue, nil
		})
		all = append(all, g)
		return ast.WalkSkipChildren, nil
	})
	return all
}

// write makes a page's file.
func (s *site) write(p *page, groups []group, reading []*page) error {
	var body, out bytes.Buffer
	if err := s.md.Renderer().Render(&body, p.source, p.doc); err != nil {
		return err
	}
	at := slices.Index(reading, p)
	beside := func(i int) *page {
		if at < 0 || i < 0 || i >= len(reading) {
			return nil
		}
		return reading[i]
	}
	up := strings.Repeat("../", strings.Count(p.name, "/"))
	t := template.Must(template.New("page").Funcs(template.FuncMap{
		"href":  func(p *page) string { return up + htmlName(p.name) },
		"title": func(p *page) string { return p.title },
		"here":  func(q *page) bool { return q == p },
	}).Parse(frame))
	err := t.Execute(&out, map[string]any{
		"Title": p.title, "Up": up, "Home": s.pages["README.md"], "Groups": groups,
		"Previous": beside(at - 1), "Next": beside(at + 1),
		"Body": template.HTML(comments.ReplaceAll(body.Bytes(), nil)),
	})
	return errors.Join(err, s.put(htmlName(p.name), out.Bytes()))
}

// comments stand where the Markdown has the commands of its tests.
var comments = regexp.MustCompile(`<!-- raw HTML omitted -->\n?`)

func (s *site) put(name string, b []byte) error {
	file := filepath.Join(s.to, name)
	return errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, b, fs.FileMode(0o644)))
}

// htmlName is the page of a Markdown file, and markdownName the file of a page.
func htmlName(name string) string {
	if path.Base(name) == "README.md" {
		return path.Join(path.Dir(name), "index.html")
	}
	return strings.TrimSuffix(name, ".md") + ".html"
}

func markdownName(link string) string {
	link, _, _ = strings.Cut(link, "#")
	if path.Base(link) == "index.html" {
		return path.Join(path.Dir(link), "README.md")
	}
	return strings.TrimSuffix(link, ".html") + ".md"
}

// plain is the text of a node.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// anchors names headings as code hosts do, so that a link into a page holds in both.
type anchors struct{ taken map[string]int }

var dropped = regexp.MustCompile(`[^\p{L}\p{N}\p{M} _-]`)

func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	name := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(string(value)), ""), " ", "-")
	n := a.taken[name]
	a.taken[name]++
	if n > 0 {
		name = fmt.Sprintf("%s-%d", name, n)
	}
	return []byte(name)
}

func (a *anchors) Put(value []byte) { a.taken[string(value)]++ }
