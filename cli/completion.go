package cli

import (
	"embed"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

//go:embed completion
var completions embed.FS

func completionCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "completion",
		Usage: "print a completion script for bash, zsh, fish or PowerShell",
		UsageText: cmdline.Examples(
			"rung completion fish | source", "complete in this shell",
		),
		ArgsUsage: "bash|zsh|fish|powershell",
		Description: "Prints a script for the shell to read:\n" +
			"   bash   source <(rung completion bash)\n" +
			"   zsh    source <(rung completion zsh)\n" +
			"   fish   rung completion fish | source\n" +
			"   PowerShell   rung completion powershell | Out-String | Invoke-Expression",
		Action: func(c *ucli.Context) error {
			o := &jsonCompletion{Shell: c.Args().First()}
			if c.Args().Len() != 1 || !slices.Contains(cmdline.Shells, o.Shell) {
				return fault.Usagef("write `rung completion bash`", "completion takes one of bash, zsh, fish and powershell")
			}
			text, err := completions.ReadFile("completion/" + o.Shell)
			if err != nil {
				return err
			}
			o.Script = string(text)
			t.sayRaw(strings.TrimRight(o.Script, "\n"))
			return t.finish(o)
		},
	}
}

// completing is the word by which a completion script asks what may stand where
// the word before it is being typed. Wherever it stands, no command runs.
const completing = "--generate-bash-completion"

// complete lists what may stand in place of the last of the words.
func (t *terminal) complete(app *ucli.App, words []string) int {
	if len(words) == 0 {
		words = []string{""}
	}
	for _, choice := range cmdline.Choices(app, words[:len(words)-1], words[len(words)-1]) {
		t.sayRaw(choice)
	}
	return fault.ExitDone
}

type jsonCompletion struct {
	jsonResult
	Shell  string `json:"shell"`
	Script string `json:"script"`
}
