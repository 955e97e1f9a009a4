package cli

import (
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

// topicCommand prints a topic: `rung help exit` is how it is asked for, which
// cmdline.FlagsFirst turns into this. A command named help would take the place of
// urfave/cli's flag.
func topicCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "topic",
		Usage: "print a topic: " + strings.Join(cmdline.TopicNames(), ", "),
		UsageText: cmdline.Examples(
			"rung topic directives", "list what a file may say to rung",
		),
		ArgsUsage:   "TOPIC",
		Description: "The same as `rung help TOPIC`.",
		Action: func(c *ucli.Context) error {
			write, ok := cmdline.Topics[c.Args().First()]
			if !ok || c.Args().Len() != 1 {
				return fault.Usagef("write `rung help exit`", "the topics are %s", strings.Join(cmdline.TopicNames(), ", "))
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
