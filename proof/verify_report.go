package proof

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Text is the report for a person: the versions with something to tell, or with
// all every version, and the summary last.
func (r *VerifyReport) Text(all bool) string {
	var b strings.Builder
	for _, v := range r.Versions {
		if v.quiet() && !all {
			continue
		}
		b.WriteString(v.Title + ": " + v.headline() + "\n")
		for _, f := range v.Findings {
			b.WriteString(f.text())
		}
		b.WriteString(indented(v.Dump))
	}
	for _, note := range r.Notes {
		b.WriteString("note: " + note + "\n")
	}
	return b.String() + r.summary() + "\n"
}

// quiet reports whether there is nothing to tell but a number in the summary.
func (v VersionResult) quiet() bool {
	return (v.Verdict == OK || v.Verdict == Skipped) && len(v.Findings) == 0
}

// headline is the verdict, with its reason.
func (v VersionResult) headline() string {
	if v.Reason != "" {
		return string(v.Verdict) + ": " + v.Reason
	}
	return string(v.Verdict)
}

// text is a finding, with what it was and what it is below it.
func (f Finding) text() string {
	head := f.String()
	if f.Notice {
		head = "notice: " + head
	}
	var b strings.Builder
	b.WriteString("  " + head + "\n")
	for _, side := range []struct{ name, value string }{{"was", f.Old}, {"is", f.New}} {
		if side.value != "" {
			fmt.Fprintf(&b, "    %-4s%s\n", side.name, strings.ReplaceAll(strings.TrimSpace(side.value), "\n", "\n        "))
		}
	}
	return b.String()
}

func indented(text string) string {
	if text == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

// Markdown is the report for a pull request: one table, with the details of
// what failed folded below it.
func (r *VerifyReport) Markdown() string {
	var b strings.Builder
	b.WriteString("### rung verify\n\n" + r.summary() + "\n")
	table := false
	for _, v := range r.Versions {
		if v.quiet() {
			continue
		}
		if !table {
			b.WriteString("\n| version | verdict | findings |\n|---|---|---|\n")
			table = true
		}
		var lines []string
		for _, f := range v.Findings {
			lines = append(lines, cell(f.String()))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(v.Title), cell(v.headline()), strings.Join(lines, "<br>"))
	}
	for _, v := range r.Versions {
		if details := v.details(); details != "" {
			fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n%s\n</details>\n", cell(v.Title), fenced(details))
		}
	}
	for _, note := range r.Notes {
		b.WriteString("\n" + cell(note) + "\n")
	}
	return b.String()
}

// details are the definitions of a version that failed.
func (v VersionResult) details() string {
	var b strings.Builder
	for _, f := range v.Findings {
		if f.Old != "" || f.New != "" {
			b.WriteString(f.text())
		}
	}
	return strings.TrimRight(b.String()+v.Dump, "\n")
}

// fenced is a block of code, whatever stands in it.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + text + "\n" + fence
}

// cell is a text in a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "'", "*", `\*`, "_", `\_`, "[", `\[`).Replace(text)
}

// junitSuite and what follows are the form of JUnit that CI services read.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	File    string     `xml:"file,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Skipped *junitText `xml:"skipped"`
	Output  string     `xml:"system-out,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit's XML: a test case a version.
func (r *VerifyReport) JUnit(w io.Writer, strict bool) error {
	s := junitSuite{Name: "rung verify", Tests: len(r.Versions), Failures: r.Failed(strict), Time: seconds(r.Took.Seconds())}
	for _, v := range r.Versions {
		c := junitCase{Name: v.Title, Class: "rung.verify", File: v.File, Time: seconds(v.Took.Seconds())}
		var texts []string
		for _, f := range v.Findings {
			texts = append(texts, strings.TrimRight(f.text(), "\n"))
		}
		text := strings.Join(append(texts, v.Dump), "\n")
		switch {
		case v.Verdict.Failed() || strict && v.Verdict == NoDown:
			c.Failure = &junitText{v.headline(), text}
		case v.Verdict == OK:
			c.Output = strings.TrimSpace(text)
		default:
			c.Skipped = &junitText{Message: v.headline()}
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
