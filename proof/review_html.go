package proof

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rung/internal/page"
	"rung/internal/secret"
	"rung/runner"
)

//go:embed page/review.css
var pageStyle string

//go:embed page/review.html
var pageText string

var pageTemplate = page.Parse(pageText)

// reviewPage is what the template shows. All its texts are masked; the template
// escapes them.
type reviewPage struct {
	Frame    page.Frame
	Observed string
	Counts   []pageCount
	Index    []pageFinding
	Versions []pageVersion
	Notes    []string
}

type pageCount struct{ Class, Text string }

type pageVersion struct {
	Title, Worst, Found string
	Open                bool
	Up, Down            pageFile
}

// pageFile is one file; Missing says why there is nothing to show of it.
type pageFile struct {
	Path, Missing string
	Chart         []pageLock
	Statements    []pageStatement
}

type pageStatement struct {
	Anchor, How, SQL, Failed, FailedAt string
	Line                               int
	Long                               bool
	Locks                              []pageLock
	Facts                              []string
	Findings                           []pageFinding
}

type pageFinding struct {
	Anchor, Place, ID, What, Meaning, Command, Suppressed string
	Severity                                              Severity
	Safe                                                  []pageWords
}

// pageWords are a part of a text that stands between backticks in it, as code, or not.
type pageWords struct {
	Text string
	Code bool
}

func codeApart(text string) (all []pageWords) {
	for i, part := range strings.Split(text, "`") {
		all = append(all, pageWords{part, i%2 == 1})
	}
	return all
}

type pageLock struct {
	Relation, Size, Mode, Says string
	Bar                        pageBar
}

// pageBar is drawn over the statements of a file, in percent of them.
type pageBar struct {
	Says           string
	Now            bool
	NowX, NowWidth string
	Parts          []pagePart
	Ticks          []string
}

type pagePart struct{ Class, X, Width string }

// longSQL is how many lines of a statement the page shows before it scrolls.
const longSQL = 16

// HTML is the report as one page for a browser: it loads nothing and runs no
// script, and its content security policy allows neither.
func (r *ReviewReport) HTML() ([]byte, error) {
	p := reviewPage{Frame: page.New("rung review: "+r.summary(true), pageStyle), Observed: r.observedOn()}
	for _, s := range reportedSeverities {
		if n := r.count(s); n > 0 {
			p.Counts = append(p.Counts, pageCount{string(s), counted(int64(n), string(s))})
		}
	}
	if len(p.Counts) == 0 {
		p.Counts = []pageCount{{"quiet", "nothing found"}}
	}
	b := pageBuilder{report: r, anchors: map[*Observed]string{}}
	for i, s := range r.Statements {
		b.anchors[s] = "s" + strconv.Itoa(i+1)
	}
	for _, f := range r.Findings {
		p.Index = append(p.Index, b.finding(f))
	}
	slices.SortStableFunc(p.Index, func(x, y pageFinding) int { return y.Severity.rank() - x.Severity.rank() })
	for _, v := range r.Versions {
		p.Versions = append(p.Versions, b.version(v))
	}
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, secret.Mask(n))
	}
	var out bytes.Buffer
	if err := pageTemplate().Execute(&out, p); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return out.Bytes(), nil
}

// observedOn says where and as what the files ran.
func (r *ReviewReport) observedOn() string {
	text := fmt.Sprintf("%s of %s, observed on %s", counted(int64(len(r.Statements)), "statement"), counted(int64(len(r.Versions)), "version"), r.Server)
	if r.LiveServer != "" {
		text += "; sizes and time zone (" + r.TimeZone + ") of the live database, " + r.LiveServer
	}
	if n := len(r.Suppressed); n > 0 {
		text += fmt.Sprintf("; %d suppressed", n)
	}
	return text
}

// pageBuilder makes the parts of a page.
type pageBuilder struct {
	report  *ReviewReport
	anchors map[*Observed]string
}

func (b *pageBuilder) finding(f *ReviewFinding) pageFinding {
	return pageFinding{
		Anchor: b.anchors[f.statement.Observed], Place: f.place(), ID: f.ID, Severity: f.Severity,
		What: secret.Mask(f.What), Meaning: secret.Mask(f.meaning()), Safe: codeApart(f.Safe), Command: f.Command, Suppressed: secret.Mask(f.Suppressed),
	}
}

// version shows the up and the down side by side, open where something is found.
func (b *pageBuilder) version(v runner.Version) pageVersion {
	m := b.report.files[v]
	shown := pageVersion{Title: m.Title(), Found: "nothing found", Worst: "quiet"}
	worst, n := Off, 0
	for _, f := range b.report.Findings {
		if f.Version == v {
			n++
			if f.Severity.atLeast(worst) {
				worst = f.Severity
			}
		}
	}
	if n > 0 {
		shown.Found, shown.Worst = counted(int64(n), "finding"), string(worst)
	}
	shown.Open = worst.atLeast(Warning) || len(b.report.Versions) < 4
	shown.Up = b.file(m.Up.Path, "")
	switch {
	case m.Down == nil:
		shown.Down = pageFile{Path: "no down file", Missing: "This version cannot be reverted."}
	case m.Down.Irreversible != "":
		shown.Down = pageFile{Path: m.Down.Path, Missing: "Irreversible: " + secret.Mask(m.Down.Irreversible)}
	default:
		shown.Down = b.file(m.Down.Path, "It was not observed.")
	}
	return shown
}

// file shows the statements of a file.
func (b *pageBuilder) file(path, none string) pageFile {
	f := pageFile{Path: path}
	var all []*Observed
	for _, s := range b.report.Statements {
		if s.File == path {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		f.Missing = none
		return f
	}
	run := fileRun{statements: all}
	if len(all) > 1 {
		f.Chart = b.chart(run)
	}
	for i, s := range all {
		shown := pageStatement{
			Anchor: b.anchors[s], Line: s.Line, How: hows[s.How], SQL: secret.Mask(s.SQL), Failed: secret.Mask(s.Failed), FailedAt: secret.Mask(s.FailedAt.excerpt()),
			Long: strings.Count(s.SQL, "\n") >= longSQL,
		}
		shown.Locks, shown.Facts = b.locks(run, i), s.deeds()
		for j := range shown.Facts {
			shown.Facts[j] = secret.Mask(shown.Facts[j])
		}
		for _, of := range append(slices.Clone(b.report.Findings), b.report.Suppressed...) {
			if of.statement.Observed == s {
				shown.Findings = append(shown.Findings, b.finding(of))
			}
		}
		f.Statements = append(f.Statements, shown)
	}
	return f
}

// hows say how a statement runs.
var hows = map[string]string{"transaction": "in a transaction", "batch": "in batches, each a transaction", "outside": "outside of a transaction"}
