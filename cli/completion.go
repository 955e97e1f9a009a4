package cli

import (
	"embed"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"
)

//go:embed completion
var completions embed.FS

func completionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:      "completion",
		Usage:     "print a completion script for bash, zsh or fish",
		ArgsUsage: "bash|zsh|fish",
		Description: "Prints a script for the shell to read:\n" +
			"   bash   source <(rung completion bash)\n" +
			"   zsh    source <(rung completion zsh)\n" +
			"   fish   rung completion fish | source",
		Action: func(c *ucli.Context) error {
			o := &jsonCompletion{Shell: c.Args().First()}
			switch {
			case c.Args().Len() != 1 || !slices.Contains([]string{"bash", "zsh", "fish"}, o.Shell):
				return usagef("write `rung completion bash`", "completion takes one of bash, zsh and fish")
			case o.Shell == "fish":
				text, err := c.App.ToFishCompletion()
				if err != nil {
					return err
				}
				o.Script = strings.ReplaceAll(text, "`", "") // they mark the names of values
			default:
				text, err := completions.ReadFile("completion/" + o.Shell)
				if err != nil {
					return err
				}
				o.Script = string(text)
			}
			t.sayRaw(strings.TrimRight(o.Script, "\n"))
			return t.finish(o)
		},
	}
}

type jsonCompletion struct {
	jsonResult
	Shell  string `json:"shell"`
	Script string `json:"script"`
}
