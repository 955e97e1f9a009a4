package cmdline

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/internal/lazyre"
)

// Help is written when somebody asks for it, and not for all commands at each start.
func init() { ucli.HelpPrinter = printHelp }

// printHelp writes the help of an app or a command. The template is urfave/cli's.
func printHelp(w io.Writer, _ string, of any) {
	text := ""
	switch of := of.(type) {
	case *ucli.App:
		app := *of
		app.Flags = withoutHelp(of.Flags)
		text = AppHelp(&app)
	case *ucli.Command:
		c := *of
		c.Flags = withoutHelp(of.Flags)
		text = Help(&c)
	}
	_, _ = io.WriteString(w, text) // who prints keeps the error
}

// withoutHelp are the flags without the one that urfave/cli adds when it parses.
func withoutHelp(flags []ucli.Flag) []ucli.Flag {
	return slices.DeleteFunc(slices.Clone(flags), func(f ucli.Flag) bool { return f == ucli.HelpFlag })
}

// Help is the help of one command.
func Help(c *ucli.Command) string {
	var b strings.Builder
	b.WriteString("NAME:\n" + show.Wrapped("   ", "rung "+c.Name+" - "+c.Usage))
	args := ""
	if c.ArgsUsage != "" {
		args = " " + c.ArgsUsage
	}
	b.WriteString("\nUSAGE:\n   rung " + c.Name + " [flags]" + args + "\n")
	if c.Description != "" {
		b.WriteString("\nDESCRIPTION:\n")
		for _, paragraph := range strings.Split(c.Description, "\n") {
			b.WriteString(show.Wrapped("   ", paragraph))
		}
	}
	if len(c.Flags) > 0 {
		b.WriteString("\nFLAGS:\n" + FlagTable(c.Flags))
	}
	b.WriteString("\n" + show.Wrapped("", "The global flags (rung --help) may stand here too. "+variables(c)))
	b.WriteString("\nEXIT STATUS:\n" + fault.ExitTable(fault.ExitsOf[c.Name], c.Name))
	b.WriteString("\nEXAMPLES:\n" + exampleTable(ExamplesOf(c)))
	return b.String()
}

// Examples is the UsageText of a command: command lines, each with what it does.
func Examples(linesAndTexts ...string) string { return strings.Join(linesAndTexts, "\n") }

// ExamplesOf are those of a command, in pairs.
func ExamplesOf(c *ucli.Command) (pairs [][2]string) {
	if c.UsageText == "" {
		return nil // a test asks for some
	}
	for pair := range slices.Chunk(strings.Split(c.UsageText, "\n"), 2) {
		pairs = append(pairs, [2]string(pair))
	}
	return pairs
}

// widestExample is the widest command line that has its text beside it.
const widestExample = 40

// exampleTable sets examples as a table; a long line has its text below it.
func exampleTable(pairs [][2]string) string {
	var b strings.Builder
	if slices.ContainsFunc(pairs, func(p [2]string) bool { return utf8.RuneCountInString(p[0]) > widestExample }) {
		for _, p := range pairs {
			b.WriteString("   " + p[0] + "\n" + show.Wrapped("      ", p[1]))
		}
		return b.String()
	}
	return show.Table(pairs)
}

// variables says how a command's flags are set from the environment.
func variables(c *ucli.Command) string {
	if len(c.Flags) == 0 {
		return ""
	}
	name := c.Flags[0].Names()[0]
	return fmt.Sprintf("Each flag has an environment variable: --%s is %s.", name, Variable(c.Name, name))
}

// AppHelp is what rung --help prints.
func AppHelp(app *ucli.App) string {
	var b strings.Builder
	b.WriteString("NAME:\n" + show.Wrapped("   ", app.Name+" - "+app.Usage))
	b.WriteString("\nUSAGE:\n   rung [global flags] COMMAND [flags] [arguments]\n\nCOMMANDS:\n")
	var rows [][2]string
	for _, c := range app.Commands {
		rows = append(rows, [2]string{c.Name, c.Usage})
	}
	b.WriteString(show.Table(rows))
	b.WriteString("\nGLOBAL FLAGS:\n" + FlagTable(app.Flags))
	b.WriteString("\n" + show.Wrapped("", "Flags may stand anywhere on the line. Each has an environment variable: --lock-timeout is RUNG_LOCK_TIMEOUT; those of a command carry its name: --to of up is RUNG_UP_TO. Durations are written like 500ms, 2s, 10min, 1h."))
	b.WriteString("\nEXIT STATUS:\n" + fault.ExitTable(fault.ExitsOf[""], ""))
	b.WriteString("\nEXAMPLES:\n" + show.Table([][2]string{
		{"rung new create_users", "write sql/000001_create_users.up.sql and .down.sql"},
		{"rung plan", "show what would run"},
		{"rung up", "run it"},
		{"rung help COMMAND", "show a command's help"},
		{"rung help TOPIC", "print a topic: " + strings.Join(TopicNames(), ", ")},
	}))
	return b.String()
}

// FlagTable lists flags: those without a category, then each category.
func FlagTable(flags []ucli.Flag) string {
	var text strings.Builder
	var categories []string
	rows := map[string][][2]string{}
	for _, f := range append(flags, ucli.HelpFlag) {
		doc, category := f.(ucli.DocGenerationFlag), ""
		if c, ok := f.(ucli.CategorizableFlag); ok {
			category = c.GetCategory()
		}
		if rows[category] == nil && category != "" {
			categories = append(categories, category)
		}
		rows[category] = append(rows[category], flagRow(doc))
	}
	text.WriteString(show.Table(rows[""]))
	for _, c := range categories {
		text.WriteString("\n   " + c + "\n" + show.Table(rows[c]))
	}
	return text.String()
}

func flagRow(f ucli.DocGenerationFlag) [2]string {
	left, usage := "--"+f.Names()[0], f.GetUsage()
	for _, short := range f.Names()[1:] {
		left = "-" + short + ", " + left
	}
	if m := Placeholder.FindStringSubmatch(usage); m != nil && f.TakesValue() {
		left += " " + m[1]
		usage = strings.Replace(usage, m[0], m[1], 1)
	}
	if text := f.GetDefaultText(); f.TakesValue() && text != "" && text != `""` && text != "0" {
		usage += " (default " + strings.Trim(text, `"`) + ")"
	}
	return [2]string{left, usage}
}

// Placeholder finds the word that stands for a flag's value in its usage.
var Placeholder = lazyre.New("`([^`]*)`")
