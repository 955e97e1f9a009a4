package cmdline

import (
	"embed"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/cli/internal/show"
)

//go:embed topic
var topicTexts embed.FS

// Topics are what `rung help` tells of beside the commands.
var Topics = map[string]func(*ucli.App) string{
	"directives":  func(*ucli.App) string { return topicText("directives") },
	"files":       func(*ucli.App) string { return topicText("files") },
	"environment": environmentTopic,
	"exit":        func(*ucli.App) string { return fault.ExitTable(fault.ExitsOf[""], "") },
}

// TopicNames are their names, sorted.
func TopicNames() (names []string) {
	for name := range Topics {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func topicText(name string) string {
	text, err := topicTexts.ReadFile("topic/" + name + ".txt")
	if err != nil {
		panic(err) // a name misspelt in this file
	}
	return string(text)
}

// environmentTopic lists the variable of each flag, and those that are no flag's.
func environmentTopic(app *ucli.App) string {
	var b strings.Builder
	b.WriteString(topicText("environment"))
	list := func(title string, flags []ucli.Flag) {
		var rows [][2]string
		for _, f := range flags {
			if doc, ok := f.(ucli.DocGenerationFlag); ok && len(doc.GetEnvVars()) > 0 {
				rows = append(rows, [2]string{strings.Join(doc.GetEnvVars(), ", "), "--" + f.Names()[0]})
			}
		}
		if len(rows) > 0 {
			b.WriteString("\n" + title + "\n" + show.Table(rows))
		}
	}
	list("Of every command:", app.Flags)
	for _, c := range app.Commands {
		list("Of "+c.Name+":", c.Flags)
	}
	return b.String()
}
