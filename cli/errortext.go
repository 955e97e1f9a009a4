package cli

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"

	"rung/runner"
)

// errorText is an error for a person: the line, the source with its caret, the
// server's own words, what stands, and the hint.
func errorText(d jsonError) string {
	var b strings.Builder
	b.WriteString("rung: " + headline(d) + "\n")
	if d.Source != "" {
		source := []rune(d.Source)
		fmt.Fprintf(&b, "%5d | %s\n", d.Line, sourceText(source))
		if d.Caret > 0 {
			fmt.Fprintf(&b, "      | %s^\n", blanks(sourceText(source[:d.Caret-1])))
		}
	}
	b.WriteString(labelled("DETAIL", d.Detail) + labelled("HINT", d.ServerHint) + labelled("QUERY", d.Query) + labelled("WHERE", d.Where))
	for _, bl := range d.Blockers {
		b.WriteString("blocked by " + blockerText(bl) + "\n")
	}
	if d.Standing != "" {
		b.WriteString(visible(d.Standing) + "\n")
	}
	b.WriteString(labelled("hint", d.Hint))
	return b.String()
}

// sourceText is a line of a file as it is shown: a tab stays one.
func sourceText(line []rune) string { return escape(string(line), "\t") }

// headline is the message; several problems or findings follow it on lines of
// their own, each finding with its diff.
func headline(d jsonError) string {
	switch {
	case len(d.Findings) > 0:
		var lines []string
		for _, f := range d.Findings {
			lines = append(lines, findingText(f))
		}
		return several(lines, "the history and the directory disagree in %d places:")
	case len(d.Problems) > 0:
		var lines []string
		for _, p := range d.Problems {
			lines = append(lines, visible(p.String()))
		}
		return several(lines, "%d problems:")
	case len(d.Reasons) > 0:
		var lines []string
		for _, r := range d.Reasons {
			lines = append(lines, visible(r))
		}
		return several(lines, "%d migrations cannot be reverted:")
	}
	return visible(d.Message)
}

// findingText is a finding with its diff and, last, what to do about it.
func findingText(f runner.Finding) string {
	hint := ""
	if f.Fix != "" {
		hint = text("hint: %s", f.Fix)
		f.Fix = ""
	}
	return strings.TrimRight(text("%s\n%s", f, lines(f.Diff))+hint, "\n")
}

func several(lines []string, head string) string {
	if len(lines) > 1 {
		lines = append([]string{fmt.Sprintf(head, len(lines))}, lines...)
	}
	return strings.Join(lines, "\n")
}

// blanks stands under a text, tab under tab and two blanks under a character
// of double width, so that the caret meets its column on any terminal.
func blanks(text string) string {
	parts := strings.Split(text, "\t")
	for i, p := range parts {
		parts[i] = strings.Repeat(" ", uniseg.StringWidth(p))
	}
	return strings.Join(parts, "\t")
}
