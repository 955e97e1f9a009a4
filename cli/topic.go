package cli

import (
	"embed"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"
)

//go:embed topic
var topicTexts embed.FS

// topics are what `rung help` tells of beside the commands.
var topics = map[string]func(*ucli.App) string{
	"directives":  func(*ucli.App) string { return topicText("directives") },
	"files":       func(*ucli.App) string { return topicText("files") },
	"environment": environmentTopic,
	"exit":        func(*ucli.App) string { return exitTable(exitsOf[""], "") },
}

func topicNames() (names []string) {
	for name := range topics {
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

// topicCommand prints a topic: `rung help exit` is how it is asked for, which
// flagsFirst turns into this. A command named help would take the place of
// urfave/cli's flag.
func topicCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "topic",
		Usage:       "print one of " + strings.Join(topicNames(), ", "),
		ArgsUsage:   "TOPIC",
		Description: "The same as `rung help TOPIC`.",
		Action: func(c *ucli.Context) error {
			write, ok := topics[c.Args().First()]
			if !ok || c.Args().Len() != 1 {
				return usagef("write `rung help exit`", "the topics are %s", strings.Join(topicNames(), ", "))
			}
			o := &jsonTopic{Topic: c.Args().First(), Text: write(c.App)}
			t.sayRaw(strings.TrimRight(o.Text, "\n"))
			return t.finish(o)
		},
	}
}

type jsonTopic struct {
	jsonResult
	Topic string `json:"topic"`
	Text  string `json:"text"`
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
			b.WriteString("\n" + title + "\n" + table(rows))
		}
	}
	list("Of every command:", app.Flags)
	for _, c := range app.Commands {
		list("Of "+c.Name+":", c.Flags)
	}
	return b.String()
}
