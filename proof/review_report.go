package proof

import (
	"fmt"
	"math"
	"strings"
)

// Text is the report for a person: each file with its findings, or with all every
// statement with its locks too, and the summary last.
func (r *ReviewReport) Text(all bool) string {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Severity == Notice && !all {
			continue
		}
		b.WriteString(f.text())
	}
	if all {
		for _, s := range r.Statements {
			b.WriteString(s.text())
		}
	}
	for _, f := range r.Suppressed {
		fmt.Fprintf(&b, "suppressed: %s:%d: %s: %s\n", f.File, f.Line, f.ID, f.Suppressed)
	}
	for _, note := range r.Notes {
		b.WriteString("note: " + note + "\n")
	}
	return b.String() + r.summary(all) + "\n"
}

// text is a finding in a few lines.
func (f *ReviewFinding) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s: %s (%s)\n", f.File, f.Line, f.Severity, f.What, f.ID)
	for line := range strings.Lines(f.FailedAt.excerpt()) {
		b.WriteString("  " + line)
	}
	fmt.Fprintf(&b, "  %s\n", f.meaning())
	fmt.Fprintf(&b, "  instead: %s\n", f.Safe)
	if f.Command != "" {
		fmt.Fprintf(&b, "    %s\n", f.Command)
	}
	return b.String()
}

// place is where the finding stands: file:line, and the column where the server
// points at one.
func (f *ReviewFinding) place() string {
	switch {
	case f.FailedAt == nil:
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	case f.FailedAt.Column == 0:
		return fmt.Sprintf("%s:%d", f.File, f.FailedAt.Line)
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.FailedAt.Line, f.FailedAt.Column)
}

// meaning is what it means on this table.
func (f *ReviewFinding) meaning() string {
	if f.Rows == nil {
		return f.Why + f.amongText()
	}
	text := fmt.Sprintf("%s: %s", f.Relation, f.size())
	if f.Target != "" {
		text += " in " + f.Target
	}
	if f.ExpectedRows != nil {
		text += fmt.Sprintf(", of which the planner expects to write %s", counted(*f.ExpectedRows, "row"))
	}
	text += ". " + f.Why + f.amongText()
	if f.record != nil && f.record.Weighs && len(f.users) > 0 {
		text += fmt.Sprintf(" Called most of what names it, %s: %s", rateText(f.users[0].CallsPerSecond), shortSQL(f.users[0].Query, 100))
	}
	return text
}

// amongText says how many databases have the finding, for a merged report.
func (f *ReviewFinding) amongText() string {
	switch {
	case f.among < 2:
		return ""
	case f.Targets == 1:
		return fmt.Sprintf(" Of %d targets only %s has it.", f.among, f.Target)
	}
	return fmt.Sprintf(" %d of %d targets have it.", f.Targets, f.among)
}

// rateText is how often something is called: "38 times a second".
func rateText(perSecond float64) string {
	for _, unit := range []struct {
		name    string
		seconds float64
	}{{"a second", 1}, {"a minute", 60}, {"an hour", 3600}} {
		if n := math.Round(perSecond * unit.seconds); n >= 1 {
			return counted(int64(n), "time") + " " + unit.name
		}
	}
	return "less than once an hour"
}

func (f *ReviewFinding) size() string {
	return sizeText(*f.Rows, *f.Bytes, f.WritesPerSecond, f.ScansPerSecond)
}

// sizeText is a relation's size and traffic: "12,480,000 rows, 3.1 GB, 240 writes/s".
func sizeText(rows, bytes int64, writes, scans *float64) string {
	text := counted(rows, "row") + ", " + bytesText(bytes)
	for _, rate := range []struct {
		n    *float64
		noun string
	}{{writes, "write"}, {scans, "scan"}} {
		if rate.n != nil && *rate.n >= 0.5 {
			text += ", " + counted(int64(math.Round(*rate.n)), rate.noun) + "/s"
		}
	}
	return text
}

// counted is a number with its noun: "12,480,000 rows".
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " " + noun
}

// text is what a statement was observed to do.
func (s *Observed) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s\n", s.File, s.Line, shortSQL(s.SQL, 80))
	for _, line := range s.facts() {
		b.WriteString("  " + line + "\n")
	}
	return b.String()
}

// facts are what a statement did, a line each.
func (s *Observed) facts() (lines []string) {
	for _, l := range s.Locks {
		lines = append(lines, l.text(s))
	}
	lines = append(lines, s.deeds()...)
	if s.Failed != "" {
		lines = append(lines, "fails: "+s.Failed)
	}
	if len(lines) == 0 {
		lines = []string{"takes no lock on a table, and changes no object"}
	}
	return lines
}

// deeds are what a statement did but for its locks, a line each.
func (s *Observed) deeds() (lines []string) {
	for _, name := range s.Rewrites {
		lines = append(lines, "rewrites "+name)
	}
	for _, name := range s.Scans {
		lines = append(lines, "reads every row of "+name)
	}
	for _, build := range s.Builds {
		lines = append(lines, "builds index "+build.Index+" on "+build.Table)
	}
	for _, c := range s.Changes {
		lines = append(lines, c.String())
	}
	if s.NotObserved != "" {
		lines = append(lines, "not observed: "+s.NotObserved)
	}
	return lines
}

// during is from and until which line it is held, in words; since goes before the first.
func (l Lock) during(s *Observed, since string) (text string) {
	if l.Since != s.Line {
		text = fmt.Sprintf(", %s line %d", since, l.Since)
	}
	switch {
	case l.Documented:
		text += ", by PostgreSQL's documentation"
	case s.EndLine > s.LastLine:
		text += fmt.Sprintf(", until line %d", s.EndLine)
	}
	return text
}

// text is a lock in a line: whose, since when, until when, what waits for it.
func (l Lock) text(s *Observed) string {
	text := "locks " + l.Relation + ": " + string(l.Mode)
	if l.New {
		text += ", made here"
	}
	text += l.during(s, "held since")
	if l.Blocks != "" && !l.New {
		text += "; " + l.Blocks + " wait"
	}
	return text
}

// reportedSeverities are those of findings that are shown, the gravest first.
var reportedSeverities = []Severity{Error, Danger, Warning, Notice}

// count is how many findings have a severity.
func (r *ReviewReport) count(s Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// summary is the last line: "2 statements of 1 version: 1 danger, 1 notice".
func (r *ReviewReport) summary(all bool) string {
	var parts []string
	for _, s := range reportedSeverities {
		if n := r.count(s); n > 0 {
			parts = append(parts, counted(int64(n), string(s)))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing found"}
	}
	text := fmt.Sprintf("%s of %s observed on %s", counted(int64(len(r.Statements)), "statement"), counted(int64(len(r.Versions)), "version"), r.Server)
	if r.Targets > 0 {
		text += " for " + counted(int64(r.Targets), "target")
	}
	text += ": " + strings.Join(parts, ", ")
	if r.count(Notice) > 0 && !all {
		text += " (--verbose shows notices, and every statement)"
	}
	if len(r.Suppressed) > 0 {
		text += fmt.Sprintf(", %d suppressed", len(r.Suppressed))
	}
	return text
}

// Markdown is the report for a pull request: one table, with the statements
// folded below it.
func (r *ReviewReport) Markdown() string {
	var b strings.Builder
	b.WriteString("### rung review\n\n" + r.summary(true) + "\n")
	if len(r.Findings) > 0 {
		b.WriteString("\n| place | finding | what it means |\n|---|---|---|\n")
	}
	for _, f := range r.Findings {
		instead := "Instead: " + f.Safe
		if f.Command != "" {
			instead += " " + f.Command
		}
		fmt.Fprintf(&b, "| %s | **%s** %s: %s | %s<br>%s |\n", cell(f.place()), f.Severity, f.ID, cell(f.What), cell(f.meaning()), cell(instead))
	}
	file := ""
	for _, s := range r.Statements {
		if s.File != file {
			if file != "" {
				b.WriteString("\n</details>\n")
			}
			file = s.File
			fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n", cell(file))
		}
		fmt.Fprintf(&b, "\n%s\n", fenced(s.SQL))
		if at := s.FailedAt.excerpt(); at != "" {
			fmt.Fprintf(&b, "\n%s\n\n", fenced(strings.TrimRight(at, "\n")))
		}
		for _, line := range s.facts() {
			b.WriteString("- " + cell(line) + "\n")
		}
	}
	if file != "" {
		b.WriteString("\n</details>\n")
	}
	for _, f := range r.Suppressed {
		fmt.Fprintf(&b, "\nSuppressed: %s:%d %s: %s\n", cell(f.File), f.Line, f.ID, cell(f.Suppressed))
	}
	for _, note := range r.Notes {
		b.WriteString("\n" + cell(note) + "\n")
	}
	return b.String()
}
