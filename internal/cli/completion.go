package cli

import (
	"embed"

	ucli "github.com/urfave/cli/v2"
)

//go:embed completion
var completions embed.FS

func completionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "completion",
		Usage:       "print a completion script for bash, zsh or fish",
		ArgsUsage:   "bash|zsh|fish",
		Description: "bash: source <(rung completion bash)\nzsh:  source <(rung completion zsh)\nfish: rung completion fish | source",
		Action: func(c *ucli.Context) error {
			shell := c.Args().First()
			if shell == "fish" {
				text, err := c.App.ToFishCompletion()
				t.say("%s", text)
				return err
			}
			text, err := completions.ReadFile("completion/" + shell)
			if err != nil || c.Args().Len() != 1 {
				return usagef("write `rung completion bash`", "completion takes one of bash, zsh and fish")
			}
			t.say("%s", text)
			return nil
		},
	}
}
