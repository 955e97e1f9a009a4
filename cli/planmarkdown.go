package cli

import (
	"fmt"
	"strings"

	"rung/cli/internal/show"
	"rung/runner"
)

// planMarkdown is a plan as a comment for a pull request: what runs, how, and the
// hash to hand to `rung up --plan-hash`; below it the SQL of each file, folded.
func planMarkdown(d *runner.Directory, p *runner.Plan) (string, error) {
	if len(p.Actions) == 0 {
		return "Nothing to do.", nil
	}
	var b strings.Builder
	b.WriteString("| | migration | mode | steps |\n|---|---|---|--:|\n")
	for _, a := range p.Actions {
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", p.Direction, markdownCell(d.Title(a.Version, a.Name)), string(a.Script.Mode())+registersText(a), max(1, len(a.Script.Steps)))
	}
	fmt.Fprintf(&b, "\n%d to run. Reviewed, it runs by `rung up --plan-hash %s`.\n", len(p.Actions), p.Hash)
	for _, a := range p.Actions {
		text, err := shownText(a.Script)
		if err != nil {
			return "", err
		}
		mark := longestFence(text)
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n%ssql\n%s\n%s\n\n</details>\n", markdownCell(d.Title(a.Version, a.Name)), mark, strings.TrimRight(text, "\n"), mark)
	}
	return strings.TrimRight(b.String(), "\n"), nil
}

// mostShown is the size of a file, in bytes, that is shown whole. Where comments go,
// there is a limit to all of one: 65,536 characters at GitHub.
const mostShown = 20_000

func shownText(s *runner.Script) (string, error) {
	switch {
	case s.Secret:
		return "-- not shown: rung:secret", nil
	case s.Size > mostShown:
		return fmt.Sprintf("-- not shown: %s has %d bytes", s.Path, s.Size), nil
	}
	return s.Text()
}

// markdownCell keeps a file's name from being anything else than text.
func markdownCell(s string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "`", "\\`", "*", "\\*", "[", "\\[").Replace(show.Visible(s))
}

// longestFence is a fence that no line of the text ends:
// https://spec.commonmark.org/0.31.2/#fenced-code-blocks
func longestFence(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}
