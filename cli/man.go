package cli

import (
	_ "embed"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
)

// manPage is made from the help of all commands by TestManPage -update, so that
// what makes it stays out of the binary.
//
//go:embed man/rung.1
var manPage string

func manCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "man",
		Usage: "print the manual page",
		UsageText: cmdline.Examples(
			"rung man | man -l -", "read it",
		),
		Description: "Prints it for man: `rung man | man -l -`, or into a file rung.1 of man's path.",
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			t.sayRaw(strings.TrimRight(manPage, "\n"))
			return t.finish(&jsonMan{Page: manPage})
		},
	}
}

type jsonMan struct {
	jsonResult
	Page string `json:"page"`
}
