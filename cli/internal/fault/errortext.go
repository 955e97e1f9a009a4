package fault

import (
	"fmt"
	"strings"

	"rung/cli/internal/show"
	"rung/internal/excerpt"
	"rung/runner"
)

// Text is an error for a person: the line, the source with its caret, the
// server's own words, what stands, and the hint.
func Text(d Description) string {
	var b strings.Builder
	b.WriteString("rung: " + Headline(d) + "\n")
	if d.Source != "" {
		source := []rune(d.Source)
		fmt.Fprintf(&b, "%5d | %s\n", d.Line, sourceText(source))
		if d.Caret > 0 {
			fmt.Fprintf(&b, "      | %s^\n", excerpt.Blanks(sourceText(source[:d.Caret-1])))
		}
	}
	b.WriteString(show.Labelled("DETAIL", d.Detail) + show.Labelled("HINT", d.ServerHint) + show.Labelled("QUERY", d.Query) + show.Labelled("WHERE", d.Where))
	for _, bl := range d.Blockers {
		b.WriteString("blocked by " + blockerText(bl) + "\n")
	}
	if d.Standing != "" {
		b.WriteString(show.Visible(d.Standing) + "\n")
	}
	b.WriteString(show.Labelled("hint", d.Hint))
	return b.String()
}

// sourceText is a line of a file as it is shown: a tab stays one.
func sourceText(line []rune) string { return show.Escape(string(line), "\t") }

// Headline is the message; several problems or findings follow it on lines of
// their own, each finding with its diff.
func Headline(d Description) string {
	switch {
	case len(d.Findings) > 0:
		var lines []string
		for _, f := range d.Findings {
			lines = append(lines, FindingText(f))
		}
		return several(lines, "the history and the directory disagree in %d places:")
	case len(d.Problems) > 0:
		var lines []string
		for _, p := range d.Problems {
			lines = append(lines, show.Visible(p.String()))
		}
		return several(lines, "%d problems:")
	case len(d.Reasons) > 0:
		var lines []string
		for _, r := range d.Reasons {
			lines = append(lines, show.Visible(r))
		}
		return several(lines, "%d migrations cannot be reverted:")
	}
	return show.Visible(d.Message)
}

// FindingText is a finding with its diff and, last, what to do about it.
func FindingText(f runner.Finding) string {
	hint := ""
	if f.Fix != "" {
		hint = show.Text("hint: %s", f.Fix)
		f.Fix = ""
	}
	return strings.TrimRight(show.Text("%s\n%s", f, show.Lines(f.Diff))+hint, "\n")
}

func several(lines []string, head string) string {
	if len(lines) > 1 {
		lines = append([]string{fmt.Sprintf(head, len(lines))}, lines...)
	}
	return strings.Join(lines, "\n")
}
